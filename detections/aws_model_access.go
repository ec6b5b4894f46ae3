package detections

import (
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Models on somebody else's bill: whoever has a key without use for the account buys access to a model and sells the answers.
// The alert hangs on the buying; the calls to the model join it.
var awsModelAccess = &Detection{
	Rule: Rule{
		ID: "aws_model_access_taken", Name: "Access to AI models bought and used", Severity: 73, Points: 55, Chain: true,
		Description: "An identity agrees to a model's terms, asks for access to it and calls it.",
		Covers:      []string{"NH16"}, Techniques: []string{"T1496"}, NHI: []string{"NHI5:2025", "NHI8:2025"},
		Evidence: "PutUseCaseForModelAccess, CreateFoundationModelAgreement, PutFoundationModelEntitlement, then InvokeModel", Lookalikes: "A team that begins to use a model, once.",
		Tuning: "Declare a deployment window.",
	},
	On: []ecs.Activity{ecs.CodeRun}, Signs: []string{awsModelBought}, Within: 2 * time.Hour, Find: findModelAccess,
}

func findModelAccess(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.service() != "bedrock" {
		return nil
	}
	bought := c.Back(2*time.Hour, func(b *Act) bool { return b.Has(awsModelBought) })
	if !a.Has(awsModelBought) && len(bought) == 0 {
		return nil
	}
	f := &Finding{Evidence: slices.Concat(under(c, handsWindow), bought), Reason: a.Name + " bought access to an AI model"}
	if a.Has(awsModelBought) {
		f.Parts = habitParts(c)
	} else {
		f.Reason += " and called it"
		f.Parts = append(f.Parts, Part{"called", 10, "the model was called at once"})
	}
	return f
}
