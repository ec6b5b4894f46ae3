package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Groups of acts that journeys are made of.

func isSignIn(a *Act) bool { return a.Is(ecs.SignIn, ecs.SSO, ecs.MFAApproved) }

// isGain: rights are gained, by the one who acts or for somebody else.
func isGain(a *Act) bool {
	return a.Is(ecs.PrivilegeGrant, ecs.Elevation, ecs.Impersonation, ecs.TrustChange, ecs.AppConsent)
}

// isMint: something is made that lets somebody in later.
func isMint(a *Act) bool { return a.Is(ecs.CredentialCreate, ecs.CredentialEnable, ecs.TokenIssue) }

// isNamedGain: of a gain that a story is built on it is known who got the rights, or which, or on what.
func isNamedGain(a *Act) bool {
	return isGain(a) && !strings.HasPrefix(a.Action, "Delete") && (a.TargetID != "" || a.Scopes != "" || a.Object != "" || a.Grantee != "")
}

// isNamedMint: of what was made it is known what it is.
func isNamedMint(a *Act) bool {
	return isMint(a) && (a.Made != "" || a.Object != "" || a.TargetID != "")
}

// isKey: a lasting credential is made, not the token of a session.
func isKey(a *Act) bool { return a.Is(ecs.CredentialCreate, ecs.CredentialEnable) }

// isData: secrets or data are read, shared or taken away.
func isData(a *Act) bool {
	return a.Is(ecs.SecretRead, ecs.DataRead, ecs.DataShare, ecs.CredentialRead)
}

// lastOf is the youngest of the acts.
func lastOf(acts []*Act) *Act {
	if len(acts) == 0 {
		return nil
	}
	return acts[len(acts)-1]
}

// agoText says how long before the act something was.
func agoText(c *Case, at time.Time) string {
	return c.Act.Time.Sub(at).Round(time.Second).String()
}

// sourcesOf counts the streams that acts stand in.
func sourcesOf(acts []*Act) int { return distinct(acts, func(a *Act) string { return a.Dataset }) }

// spansSources are points for a story that no single source could tell.
func spansSources(acts []*Act) []Part {
	if n := sourcesOf(acts); n > 1 {
		return []Part{{"several_sources", 5 * (n - 1), "the story goes over several sources"}}
	}
	return nil
}
