package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Quiet signs that detections with memory ask for.
const (
	awsRemoteCommand  = "aws_remote_command"
	awsUserDataRead   = "aws_user_data_read"
	awsUserDataSet    = "aws_user_data_set"
	awsUnusualMachine = "aws_unusual_machine"
)

// awsCodeSigns are about code and machines.
var awsCodeSigns = []*Sign{
	{
		Rule: Rule{
			ID: "aws_function_opened", Name: "AWS function opened to others", Severity: 73, Points: 55,
			Description: "A function or layer lets another account or everybody call it: code with the function's role runs for strangers.",
			Covers:      []string{"DA8"}, Techniques: []string{"T1648"}, NHI: []string{"NHI6:2025"},
			Evidence: "AddPermission with principal * or another account; a function URL without sign-in", Lookalikes: "A public web hook.",
			Tuning: "Declare deployment windows; name partners' accounts.",
		},
		Dataset: cloudtrail, When: hasStranger, Weigh: weighStranger,
		Actions: strings.Fields("AddPermission20150331 AddPermission20150331v2 AddPermission CreateFunctionUrlConfig UpdateFunctionUrlConfig " +
			"AddLayerVersionPermission20181031 AddLayerVersionPermission"),
	},
	{
		Rule: Rule{
			ID: "aws_function_layer_changed", Name: "AWS function given other layers", Severity: 47, Points: 50,
			Description: "The layers of a function are set. A layer can be an extension that runs beside the code and sees all its data and its credentials.",
			Covers:      []string{"DA8"}, Techniques: []string{"T1525", "T1648"}, NHI: []string{"NHI6:2025"},
			Evidence: "UpdateFunctionConfiguration with layers", Lookalikes: "A release by a pipeline: it is learned as its habit.", Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, When: setsLayers, Weigh: weighOwn,
		Actions: strings.Fields("UpdateFunctionConfiguration20150331v2 UpdateFunctionConfiguration20150331 UpdateFunctionConfiguration"),
	},
	{
		Rule: Rule{
			ID: "aws_function_code_changed", Name: "AWS function given other code", Severity: 47, Points: 40,
			Description: "The code of a function is replaced. From an identity that never did so this is a way to its role.",
			Covers:      []string{"DA8"}, Techniques: []string{"T1525", "T1648"}, NHI: []string{"NHI6:2025"},
			Evidence: "UpdateFunctionCode", Lookalikes: "A release by a pipeline: it is learned as its habit.", Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, Weigh: weighOwn, Actions: strings.Fields("UpdateFunctionCode20150331v2 UpdateFunctionCode20150331 UpdateFunctionCode"),
	},
	{
		Rule: Rule{
			ID: "aws_serial_console_on", Name: "AWS serial console switched on", Severity: 47, Points: 50,
			Description: "The serial console of all instances is switched on: it goes around networks and security groups.",
			Covers:      []string{"DA7"}, Techniques: []string{"T1021.008"},
			Evidence: "EnableSerialConsoleAccess", Lookalikes: "Rescue of an instance that does not boot.", Tuning: "Declare maintenance windows.",
		},
		Dataset: cloudtrail, Actions: []string{"EnableSerialConsoleAccess"}, Weigh: weigh,
	},
	{
		Rule:    Rule{ID: awsRemoteCommand, Name: "Command or shell on an AWS machine"},
		Dataset: cloudtrail, Quiet: true, When: runsCommand,
		Actions: strings.Fields("SendCommand StartSession ResumeSession SendSSHPublicKey SendSerialConsoleSSHPublicKey ExecuteCommand StartAutomationExecution CreateAssociation"),
	},
	{
		Rule:    Rule{ID: awsUserDataRead, Name: "User data of an AWS instance read"},
		Dataset: cloudtrail, Quiet: true, Failures: true, Actions: []string{"DescribeInstanceAttribute"},
		When: func(ev *ecs.Event) bool { return requestOf(ev).Get("attribute").Str() == "userData" },
	},
	{
		Rule:    Rule{ID: awsUserDataSet, Name: "User data of an AWS instance changed"},
		Dataset: cloudtrail, Quiet: true, Actions: []string{"ModifyInstanceAttribute"},
		When: func(ev *ecs.Event) bool { return requestOf(ev).Get("userData").Exists() },
	},
	{
		Rule:    Rule{ID: awsUnusualMachine, Name: "AWS machines of a class for heavy computing"},
		Dataset: cloudtrail, Quiet: true, Failures: true, When: wantsHeavyMachine,
		Actions: strings.Fields("RunInstances RequestSpotInstances CreateFleet RequestSpotFleet"),
	},
}

func setsLayers(ev *ecs.Event) bool { return requestOf(ev).Get("layers").Len() > 0 }

// runsCommand: patch runs and inventories are no remote shells.
func runsCommand(ev *ecs.Event) bool {
	request := requestOf(ev)
	switch ev.Action {
	case "SendCommand", "CreateAssociation", "StartAutomationExecution":
		document := lastPart(ecs.FirstOf(request.Get("documentName").Str(), request.Get("name").Str()))
		return document != "AWS-RunPatchBaseline" && document != "AWS-GatherSoftwareInventory" && document != "AWS-UpdateSSMAgent"
	case "ExecuteCommand":
		return ev.Cloud.ServiceName == "ecs"
	case "StartSession":
		return ev.Cloud.ServiceName == "ssm"
	}
	return true
}

// heavy are families of machines that miners and model thieves want.
var heavy = []string{"p2.", "p3", "p4", "p5", "p6", "g3", "g4", "g5", "g6", "inf", "trn", "dl1", "f1.", "f2."}

// manyMachines is what one call seldom starts.
const manyMachines = 10

func wantsHeavyMachine(ev *ecs.Event) bool {
	request := requestOf(ev)
	kind := ecs.FirstOf(request.Get("instanceType").Str(), textAt(request, []string{"launchSpecification", "instanceType"}))
	for _, family := range heavy {
		if strings.HasPrefix(kind, family) {
			return true
		}
	}
	count := numberIn(request.Path("instancesSet", "items").First().Get("maxCount"))
	return count >= manyMachines || strings.Contains(kind, "metal") || strings.HasSuffix(kind, ".24xlarge") || strings.HasSuffix(kind, ".48xlarge")
}
