package cloudtrail

import "strings"

// class is what kind of entity an id stands for.
type class uint8

const (
	genericEntity class = iota
	userEntity
	hostEntity
	serviceEntity
)

// arnClasses are the classes of ARNs by the type of their resource.
var arnClasses = classes(map[class]string{
	userEntity: "user role assumed-role federated-user instance-profile mfa serialNumber",
	hostEntity: "instance",
	serviceEntity: "stack stack-set trail configuration-recorder file-system mount-target rule detector key function log-group " +
		"log-stream alarm db cluster global-cluster trust-anchor resolver-query-log-config secret parameter document session " +
		"webacl rulegroup ipset topic model loadbalancer table group policy security-group network-interface vpc subnet " +
		"network-acl dhcp-options",
})

// serviceIDs are the beginnings of ids of what a network is made of.
var serviceIDs = []string{"sg-", "sgr-", "eni-", "vpc-", "subnet-", "acl-", "rtb-", "igw-", "nat-", "vpce-", "tgw-", "pcx-"}

func classes(words map[class]string) map[string]class {
	byWord := map[string]class{}
	for c, list := range words {
		for _, word := range strings.Fields(list) {
			byWord[word] = c
		}
	}
	return byWord
}

// arn is an Amazon resource name taken apart.
type arn struct{ service, resource, kind string }

// splitARN takes apart arn:partition:service:region:account:resource. What follows a further colon is left out.
func splitARN(s string) (a arn, ok bool) {
	var parts [6]string
	for i := range parts {
		part, rest, more := strings.Cut(s, ":")
		if !more && i < len(parts)-1 {
			return a, false
		}
		parts[i], s = part, rest
	}
	a.service, a.resource, a.kind = parts[2], parts[5], parts[5]
	if i := strings.IndexByte(a.resource, '/'); i > 0 {
		a.kind = a.resource[:i]
	}
	return a, true
}

// isServiceRole reports whether an ARN is of a role that AWS services assume for themselves, told by any part of its path.
func isServiceRole(id string) bool {
	for slash := strings.IndexByte(id, '/'); slash >= 0; {
		id = id[slash+1:]
		if strings.HasPrefix(id, "AWSServiceRoleFor") || strings.HasPrefix(id, "aws-service-role/") {
			return true
		}
		slash = strings.IndexByte(id, '/')
	}
	return false
}

func classOfTarget(id string) class {
	if strings.HasPrefix(id, "arn:") {
		return classOfARN(id)
	}
	if len(id) == 20 && strings.HasPrefix(id, "AKIA") {
		return userEntity
	}
	if strings.HasPrefix(id, "i-") {
		return hostEntity
	}
	for _, prefix := range serviceIDs {
		if strings.HasPrefix(id, prefix) {
			return serviceEntity
		}
	}
	return genericEntity
}

func classOfARN(id string) class {
	a, ok := splitARN(id)
	switch {
	case !ok:
		return genericEntity
	case isServiceRole(id):
		return serviceEntity
	}
	if c, known := arnClasses[a.kind]; known {
		return c
	}
	if a.service == "s3" {
		return serviceEntity
	}
	return genericEntity
}

func (u *who) classOfActor(id string) class {
	if u.kind == "AWSService" || isServiceRole(id) {
		return serviceEntity
	}
	switch u.kind {
	case "IAMUser", "Root", "AssumedRole":
		return userEntity
	}
	if a, ok := splitARN(id); ok && strings.HasPrefix(id, "arn:") {
		switch a.kind {
		case "user", "role", "assumed-role", "federated-user":
			return userEntity
		case "instance":
			return hostEntity
		}
	}
	if strings.HasPrefix(id, "i-") {
		return hostEntity
	}
	return genericEntity
}
