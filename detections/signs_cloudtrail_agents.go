package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

const awsModelBought = "aws_model_access_bought"

// awsAgentSigns are about AI agents and the models behind them.
var awsAgentSigns = []*Sign{
	{
		Rule:    Rule{ID: awsModelBought, Name: "Access to a model bought"},
		Dataset: cloudtrail, Quiet: true, When: from("bedrock"),
		Actions: strings.Fields("PutUseCaseForModelAccess CreateFoundationModelAgreement PutFoundationModelEntitlement"),
	},
	{
		Rule: Rule{
			ID: "aws_guardrail_weakened", Name: "Guard rail of an AI model taken away", Severity: 73, Points: 55,
			Description: "A guard rail is deleted: what the house's agents must not say or do is allowed again.",
			Covers:      []string{"NH16"}, Techniques: []string{"T1562"}, NHI: []string{"NHI5:2025"},
			Evidence: "DeleteGuardrail; agents changed to use none", Lookalikes: "A guard rail that is replaced by another.", Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, When: from("bedrock"), Weigh: weighOwn, Actions: []string{"DeleteGuardrail"},
	},
	{
		Rule: Rule{
			ID: "aws_agent_changed", Name: "AI agent made or changed", Severity: 47, Points: 40,
			Description: "An agent, its tools, its instructions or what it may reach is made or changed.",
			Covers:      []string{"NH16"}, Techniques: []string{"T1098"}, NHI: []string{"NHI5:2025", "NHI8:2025"},
			Evidence: "CreateAgent, UpdateAgent, CreateAgentActionGroup, CreateAgentRuntime, CreateGatewayTarget", Lookalikes: "A release by a pipeline: it is learned as its habit.",
			Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, Weigh: weighOwn, When: func(ev *ecs.Event) bool { return strings.HasPrefix(ev.Cloud.ServiceName, "bedrock") },
		Actions: strings.Fields("CreateAgent UpdateAgent CreateAgentActionGroup UpdateAgentActionGroup CreateAgentAlias UpdateAgentAlias UpdateGuardrail " +
			"AssociateAgentKnowledgeBase AssociateAgentCollaborator CreateAgentRuntime UpdateAgentRuntime CreateWorkloadIdentity UpdateWorkloadIdentity " +
			"CreateGateway UpdateGateway CreateGatewayTarget UpdateGatewayTarget CreateOauth2CredentialProvider CreateApiKeyCredentialProvider"),
	},
	{
		Rule: Rule{
			ID: "aws_model_key_made", Name: "Long-lived key for AI models made", Severity: 47, Points: 50,
			Description: "A long-lived bearer key for Bedrock is made. It belongs to a hidden IAM user, knows no factor and is easily passed on.",
			Covers:      []string{"NH16"}, Techniques: []string{"T1098.001", "T1496"}, NHI: []string{"NHI7:2025"},
			Evidence: "CreateServiceSpecificCredential for bedrock.amazonaws.com", Lookalikes: "A developer who tries a model.", Tuning: "Forbid such keys by policy.",
		},
		Dataset: cloudtrail, Actions: []string{"CreateServiceSpecificCredential"}, Weigh: weigh,
		When: func(ev *ecs.Event) bool { return requestOf(ev).Get("serviceName").Str() == "bedrock.amazonaws.com" },
	},
	{
		Rule: Rule{
			ID: "aws_model_key_misused", Name: "Key for AI models used for something else", Severity: 73, Points: 65,
			Description: "The hidden user behind a Bedrock key calls another service: somebody gave it more rights and made it a back door.",
			Covers:      []string{"NH16"}, Techniques: []string{"T1098", "T1078.004"}, NHI: []string{"NHI5:2025"},
			Evidence: "userIdentity BedrockAPIKey-* outside Bedrock", Lookalikes: "None known.", Tuning: "None.",
		},
		Dataset: cloudtrail, Failures: true, Weigh: func(*Case) *Finding { return &Finding{} },
		When: func(ev *ecs.Event) bool {
			return strings.Contains(ev.Identity.ID, ":user/BedrockAPIKey-") && !strings.HasPrefix(ev.Cloud.ServiceName, "bedrock") && ev.Cloud.ServiceName != "sts"
		},
	},
}
