package okta

// class is what ECS calls an event type.
type class struct{ category, types []string }

var (
	network       = []string{"network"}
	iam           = []string{"iam"}
	configuration = []string{"configuration"}
	signOn        = []string{"authentication"}
	session       = []string{"authentication", "session"}
	info          = []string{"info"}
	changed       = []string{"change"}
	created       = []string{"creation"}
	deleted       = []string{"deletion"}
	infoChange    = []string{"info", "change"}
	groupChange   = []string{"group", "change"}
)

// classes are the event types that Elastic's okta integration puts into categories; all others have none.
var classes = map[string]class{
	"application.lifecycle.activate":              {configuration, nil},
	"application.lifecycle.create":                {configuration, created},
	"application.lifecycle.deactivate":            {configuration, nil},
	"application.lifecycle.delete":                {configuration, deleted},
	"application.lifecycle.update":                {configuration, nil},
	"application.user_membership.add":             {nil, infoChange},
	"application.user_membership.change_username": {nil, infoChange},
	"application.user_membership.remove":          {nil, infoChange},
	"core.concurrency.org.limit.violation":        {network, info},
	"group.user_membership.add":                   {iam, groupChange},
	"group.user_membership.remove":                {iam, groupChange},
	"policy.evaluate_sign_on":                     {signOn, info},
	"policy.lifecycle.activate":                   {configuration, changed},
	"policy.lifecycle.create":                     {configuration, created},
	"policy.lifecycle.deactivate":                 {configuration, changed},
	"policy.lifecycle.delete":                     {configuration, deleted},
	"policy.lifecycle.update":                     {configuration, changed},
	"policy.rule.activate":                        {configuration, changed},
	"policy.rule.add":                             {configuration, changed},
	"policy.rule.deactivate":                      {configuration, changed},
	"policy.rule.delete":                          {configuration, nil},
	"policy.rule.update":                          {configuration, changed},
	"security.request.blocked":                    {network, nil},
	"system.org.rate_limit.violation":             {network, info},
	"system.org.rate_limit.warning":               {network, info},
	"user.authentication.sso":                     {signOn, info},
	"user.lifecycle.activate":                     {iam, infoChange},
	"user.lifecycle.create":                       {iam, []string{"info", "creation"}},
	"user.lifecycle.deactivate":                   {iam, infoChange},
	"user.lifecycle.suspend":                      {iam, infoChange},
	"user.lifecycle.unsuspend":                    {iam, infoChange},
	"user.session.end":                            {session, []string{"end", "info"}},
	"user.session.start":                          {session, []string{"start", "info"}},
}
