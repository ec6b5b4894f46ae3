package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Token on the move: a token is bound to nothing, so a stolen one works anywhere. It is seen from a second network while the first
// still uses it. The alert hangs on the first use from the second network.
var vaultTokenElsewhere = &Detection{
	Rule: Rule{
		ID: "vault_token_elsewhere", Name: "One Vault token from two networks", Severity: 73, Points: 60,
		Description: "A token that was issued to and used from one network is used from another one within its life.",
		Covers:      []string{"SE16"}, Techniques: []string{"T1550.001"}, NHI: []string{"NHI2:2025", "NHI7:2025"},
		Evidence: "equal client_token HMAC, different remote_address", Lookalikes: "A host with two uplinks; a load balancer that hides addresses.",
		Tuning: "Declare shared egress networks in the context file.",
	},
	Signs: nil, On: []ecs.Activity{ecs.SecretRead, ecs.SecretList, ecs.TokenIssue, ecs.TokenRefresh, ecs.CredentialCreate, ecs.DataRead, ecs.Discovery, ecs.APICall, ecs.SecretWrite},
	Within: 24 * time.Hour, Find: findVaultTokenElsewhere,
}

func findVaultTokenElsewhere(c *Case) *Finding {
	a := c.Act
	k := c.Credential(a.Credential)
	if a.Dataset != vault || k == nil || a.Network() == "" || k.Networks.Len() == 0 || k.Networks.Has(a.Network()) || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	if c.usualPlace(a.Network(), a.Country()) || !k.issuedSeen() && !c.Who.Mature(a.Time, c.Context.Maturity()) {
		return nil // one of the holder's own networks, or nobody knows where the token was given out and which networks those are
	}
	before := c.Back(lineSpan, func(b *Act) bool { return b.Credential == a.Credential && b.Network() != a.Network() })
	if len(before) == 0 {
		return nil
	}
	return &Finding{
		Key: a.Credential, Evidence: before[len(before)-1:],
		Reason: "a Vault token of " + a.Name + " used from " + a.Addr.String() + " after " + before[len(before)-1].Addr.String(),
	}
}

// issuedSeen reports whether it is known where the credential was given out.
func (k *Credential) issuedSeen() bool { return !k.Made.IsZero() && k.MadeNetwork != "" }

// Token after its end: revoked or expired, and still tried. Whoever tries has a copy. The alert hangs on the try.
var vaultTokenAfterEnd = &Detection{
	Rule: Rule{
		ID: "vault_token_after_end", Name: "Vault token used after its end", Severity: 73, Points: 60,
		Description: "A token that was revoked, or whose life is over, is presented again.",
		Covers:      []string{"SE16", "XS13"}, Techniques: []string{"T1550.001"}, NHI: []string{"NHI1:2025", "NHI7:2025"},
		Evidence: "auth/token/revoke of a token, then a request with the same client_token", Lookalikes: "A job that does not notice its token's end: same address, at once.",
		Tuning: "Name the job in the context file.",
	},
	Within: 24 * time.Hour, Find: findVaultTokenAfterEnd,
}

const endGrace = 50 * time.Millisecond // requests under way when the token ends

func findVaultTokenAfterEnd(c *Case) *Finding {
	a := c.Act
	if a.Dataset != vault || a.Credential == "" || a.Credential == a.Gone {
		return nil
	}
	k := c.Credential(a.Credential)
	if k == nil || k.Ended.IsZero() || a.Time.Sub(k.Ended) < endGrace {
		return nil
	}
	f := &Finding{Key: a.Credential, Evidence: []*Act{k.EndedDoc}, Reason: "a Vault token revoked at " + k.Ended.UTC().Format(time.RFC3339) + " was used again from " + a.Addr.String()}
	if a.Failed {
		f.Parts = append(f.Parts, Part{"still_tried", 15, "somebody still holds a copy, although it was refused"})
	}
	return f
}
