package detections

import (
	"fmt"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Push bombing: whoever has the password sends prompt after prompt to the owner's phone. The alert hangs on the first refusal.
var anyPushBombing = &Detection{
	Rule: Rule{
		ID: "any_push_bombing", Name: "Push prompts refused again and again", Severity: 47, Points: 65,
		Description: "Many push prompts of one person are refused or not answered within minutes. The password is known to somebody.",
		Covers:      []string{"MF1", "MF11"}, Techniques: []string{"T1621"},
		Evidence: "the refusals and the prompts without an answer", Lookalikes: "A telephone without network.",
	},
	On: []ecs.Activity{ecs.MFARefused, ecs.MFAPrompt}, Within: time.Hour, Find: findPushBombing,
}

// Push approved: the bombing ends in a yes. The alert hangs on the first refusal, the yes is its last evidence.
var anyPushApproved = &Detection{
	Rule: Rule{
		ID: "any_push_approved_after_refusals", Name: "Push approved after repeated refusals", Severity: 99, Points: 75, Chain: true,
		Description: "A person refused push prompts again and again, and then approved one.",
		Covers:      []string{"MF2"}, Techniques: []string{"T1621", "T1078.004"},
		Evidence: "the refusals, and the approval", Lookalikes: "None that is everyday: nobody refuses five of their own prompts.",
	},
	On: []ecs.Activity{ecs.MFAApproved, ecs.SignIn}, Within: time.Hour, Find: findPushApproved,
}

const (
	pushWindow  = 10 * time.Minute
	pushRefused = 5
)

func findPushBombing(c *Case) *Finding {
	if !isPush(c.Act) || c.Act.Activity == ecs.MFARefused && !isRefusal(c.Act) {
		return nil
	}
	acts := c.Back(pushWindow, isPush)
	if c.Act.Activity == ecs.MFARefused {
		acts = append(acts, c.Act)
	}
	n := refusals(acts)
	if n < pushRefused {
		return nil
	}
	return &Finding{Evidence: notThis(c, acts), Reason: fmt.Sprintf("%s refused or did not answer %d push prompts within %s", c.Act.Name, n, pushWindow)}
}

func findPushApproved(c *Case) *Finding {
	if !isYes(c.Act) {
		return nil
	}
	acts := c.Back(pushWindow, func(a *Act) bool { return isPush(a) && !sameText(a.Trace, entraTrace(c.Act)) })
	n := refusals(acts)
	if n < pushRefused {
		return nil
	}
	return &Finding{Evidence: acts, Parts: newcomer(c), Reason: fmt.Sprintf("%s approved a push prompt after %d refusals within %s", c.Act.Name, n, pushWindow)}
}

// isYes reports whether a prompt was approved, or a session opened, which asks for the prompt's approval before. Entra's first
// row of a sign-in may not tell the second factor yet.
func isYes(a *Act) bool {
	switch {
	case a.Failed:
		return false
	case a.Dataset == okta:
		return isPush(a) && a.Activity == ecs.MFAApproved || a.Action == "user.session.start"
	case a.Dataset == entraSignIn:
		return a.Activity == ecs.SignIn && (isPush(a) || a.Method == "" || a.Method == "Password")
	}
	return false
}

// refusals counts prompts that got no yes: those refused, or those sent without an answer, whichever are more. Okta may tell one
// refusal by two kinds of rows; Entra tells one sign-in by several, of which the last one counts.
func refusals(acts []*Act) int {
	var refused []*Act
	sent, answered := 0, 0
	for i := range acts {
		switch a := acts[i]; {
		case a.Dataset == entraSignIn && goesOn(acts[i+1:], a):
		case isRefusal(a):
			refused = append(refused, a)
		case a.Activity == ecs.MFAPrompt:
			sent++
		case a.Is(ecs.MFAApproved):
			answered++
		}
	}
	return max(rows(refused), sent-answered)
}

// goesOn reports whether a later row tells of the same sign-in.
func goesOn(later []*Act, a *Act) bool {
	for i := range later {
		if sameText(later[i].Trace, a.Trace) {
			return true
		}
	}
	return false
}

// entraTrace is what joins the rows of one sign-in in Entra.
func entraTrace(a *Act) string {
	if a.Dataset == entraSignIn {
		return a.Trace
	}
	return ""
}

// isPush reports whether an act is about a prompt on somebody's phone.
func isPush(a *Act) bool {
	switch a.Dataset {
	case okta:
		return a.Action == "user.mfa.okta_verify.deny_push" || a.Activity == ecs.MFAPrompt || strings.Contains(a.Method, "PUSH")
	case entraSignIn:
		if a.Activity == ecs.MFAPrompt { // the factor is asked for: a row of every sign-in
			return false
		}
		return strings.HasPrefix(a.Method, "Mobile app notification") || strings.HasPrefix(a.Method, "PhoneAppNotification") ||
			strings.HasPrefix(a.Method, "Passwordless phone") || a.Activity == ecs.MFARefused && !isCode(a)
	}
	return false
}

// isRefusal reports whether a prompt was refused or ran out.
func isRefusal(a *Act) bool { return a.Activity == ecs.MFARefused && isPush(a) && !isCode(a) }

// isCode reports whether it was a code that was wrong, and no prompt.
func isCode(a *Act) bool {
	return holdsAny(a.Method+" "+a.Why, []string{"code", "TOTP", "SOFT_TOKEN", "SMS", "text message", "OATH", "EMAIL", "QUESTION", "CALL"})
}

// notThis takes the act itself out of a list of acts.
func notThis(c *Case, acts []*Act) []*Act {
	if n := len(acts); n > 0 && acts[n-1].ID == c.Act.ID {
		return acts[:n-1]
	}
	return acts
}

// Codes guessed: a code has six digits, and somebody tries them. The alert hangs on the first wrong code.
var anyCodesGuessed = &Detection{
	Rule: Rule{
		ID: "any_mfa_codes_guessed", Name: "Second factor's codes guessed", Severity: 73, Points: 70,
		Description: "Wrong codes of one person within minutes: the password is known, the code is being guessed.",
		Covers:      []string{"MF11"}, Techniques: []string{"T1621", "T1110.001"},
		Evidence: "auth_via_mfa FAILURE with a code; error 500121 with a wrong verification code", Lookalikes: "A telephone whose clock is wrong.",
	},
	On: []ecs.Activity{ecs.MFARefused}, Within: time.Hour, Find: findCodesGuessed,
}

const (
	codeWindow = 5 * time.Minute
	codeCount  = 6
)

func findCodesGuessed(c *Case) *Finding {
	wrong := func(a *Act) bool { return a.Activity == ecs.MFARefused && isCode(a) }
	if !wrong(c.Act) {
		return nil
	}
	before := c.Back(codeWindow, wrong)
	n := rows(append(before, c.Act))
	if n < codeCount {
		return nil
	}
	return &Finding{Evidence: before, Parts: atHome(c), Reason: fmt.Sprintf("%d wrong codes of %s within %s", n, c.Act.Name, codeWindow)}
}
