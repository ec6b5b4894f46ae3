package detections

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Sweep: who gets hold of a key lists what secrets there are and reads them all within minutes. A deployment reads many as well, but those it
// wrote itself, by their very version, which teaches it nothing: such reads do not count. The alert hangs on the first list or read of
// the sweep.
var awsSecretSweep = &Detection{
	Rule: Rule{
		ID: "aws_secret_sweep", Name: "Many AWS secrets read at once", Severity: 73, Points: 60, Chain: true,
		Description: "One identity reads many different secrets or decrypted parameters within minutes, one by one or in batches.",
		Covers:      []string{"CR12"}, Techniques: []string{"T1555.006"}, NHI: []string{"NHI2:2025", "NHI5:2025"},
		Evidence: "GetSecretValue, BatchGetSecretValue, GetParameter(s) with decryption, the lists before", Lookalikes: "An application that loads its configuration; a deployment that reads what it did not write.",
		Tuning: "Declare deployment windows; identities that always read this much are learned.",
	},
	On: []ecs.Activity{ecs.SecretRead}, Within: 15 * time.Minute, Find: findSecretSweep,
}

const (
	secretWindow = 5 * time.Minute
	sweepWeight  = 50 // ten secrets, or twenty-five parameters: those are read in bigger batches and hold less
	secretWeight = 5
	paramWeight  = 2
	pageOfBatch  = 10 // secrets in a batch that does not name them
	wholeHouse   = 20 // reads from which a sweep is a big one
)

func findSecretSweep(c *Case) *Finding {
	if !isSecretRead(c.Act) || readsOwn(c, c.Act) {
		return nil
	}
	reads := c.Back(secretWindow, func(a *Act) bool { return isSecretRead(a) && !readsOwn(c, a) })
	all := append(slices.Clone(reads), c.Act)
	weight, secrets := weightOf(all)
	if weight < sweepWeight {
		return nil
	}
	lists := c.Back(secretWindow, listsSecrets)
	f := &Finding{Parts: habitParts(c), Evidence: slices.Concat(under(c, handsWindow), lists, reads)}
	f.Reason = fmt.Sprintf("%s read at least %d AWS secrets within %s", c.Act.Name, secrets, span(secretWindow))
	if len(lists) > 0 {
		f.Parts = append(f.Parts, Part{"listed_first", 15, "it had asked which secrets there are"})
	}
	if secrets >= wholeHouse {
		f.Parts = append(f.Parts, Part{"whole_house", 15, "it read a great many"})
	}
	if distinct(all, func(a *Act) string { return a.Region }) > 1 {
		f.Parts = append(f.Parts, Part{"regions", 10, "in several regions"})
	}
	return f
}

func isSecretRead(a *Act) bool {
	return a.Dataset == cloudtrail && a.Activity == ecs.SecretRead && isAWS(a)
}

// readsOwn: the identity reads back what it wrote itself, the very version of a secret, or one parameter by its name. Who
// asks for a secret without a version does not know what it holds.
func readsOwn(c *Case, a *Act) bool {
	isExact := a.service() == "ssm" || strings.Contains(a.Object, "/secret-version/")
	return isExact && a.Number <= 1 && isOwn(c, a)
}

// weightOf counts each secret once, however often it was read.
func weightOf(acts []*Act) (weight, secrets int) {
	seen := map[string]bool{}
	for i := range acts {
		a := acts[i]
		n, one := max(a.Number, 1), secretWeight
		if a.service() == "ssm" {
			one = paramWeight
		}
		if a.operation() == "BatchGetSecretValue" && a.Number == 0 {
			n = pageOfBatch
		} else if seen[a.Target] {
			continue
		}
		seen[a.Target] = true
		weight, secrets = weight+n*one, secrets+n
	}
	return weight, secrets
}

// listsSecrets: a list of all there are, not of one by its name.
func listsSecrets(a *Act) bool {
	return a.Operation == "secretsmanager:ListSecrets" || a.Operation == "ssm:DescribeParameters" && a.Number == 0
}

// First secret: an identity that is known for long reads its first secret. The alert hangs on that read.
var awsFirstSecret = &Detection{
	Rule: Rule{
		ID: "aws_first_secret_read", Name: "First AWS secret that this identity reads", Severity: 47, Points: 40,
		Description: "An identity with a settled history reads a secret or a decrypted parameter for the first time.",
		Covers:      []string{"CR13"}, Techniques: []string{"T1555.006"}, NHI: []string{"NHI2:2025", "NHI5:2025"},
		Evidence: "GetSecretValue, GetParameter with decryption", Lookalikes: "A new release that needs a secret.", Tuning: "Declare deployment windows.",
	},
	On: []ecs.Activity{ecs.SecretRead}, Within: time.Hour, Find: findFirstSecret,
}

// secretReads are the calls that hand out secrets.
var secretReads = strings.Fields("secretsmanager:GetSecretValue secretsmanager:BatchGetSecretValue ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath ssm:GetParameterHistory")

func findFirstSecret(c *Case) *Finding {
	a := c.Act
	if a.Failed || !isSecretRead(a) || readsOwn(c, a) || !c.isNew(operations, a.Operation) {
		return nil
	}
	for _, op := range secretReads {
		if c.Novelty(operations, op) == identity.Known {
			return nil
		}
	}
	f := &Finding{Evidence: under(c, handsWindow), Parts: peersDoTheSame(c), Reason: a.Name + " read a secret for the first time: " + a.Target}
	if c.Machine() {
		f.Parts = append(f.Parts, Part{"machine", 10, "a machine identity has few habits, and this is none of them"})
	}
	if c.isNew(networks, a.Network()) {
		f.Parts = append(f.Parts, Part{"new_network", 15, "from a network new to the identity"})
	}
	return f
}
