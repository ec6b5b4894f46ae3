package main

import (
	"strings"
	"time"
)

// awsEvent is a CloudTrail record. Members that a record of another kind lacks are left out, as CloudTrail does;
// requestParameters and responseElements are always there, null or not.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type awsEvent struct {
	EventVersion          string         `json:"eventVersion"`
	UserIdentity          awsIdentity    `json:"userIdentity"`
	EventTime             string         `json:"eventTime"`
	EventSource           string         `json:"eventSource"`
	EventName             string         `json:"eventName"`
	AWSRegion             string         `json:"awsRegion"`
	SourceIPAddress       string         `json:"sourceIPAddress"`
	UserAgent             string         `json:"userAgent"`
	ErrorCode             string         `json:"errorCode,omitempty"`
	ErrorMessage          string         `json:"errorMessage,omitempty"`
	RequestParameters     map[string]any `json:"requestParameters"`
	ResponseElements      map[string]any `json:"responseElements"`
	AdditionalEventData   map[string]any `json:"additionalEventData,omitempty"`
	RequestID             string         `json:"requestID,omitempty"`
	EventID               string         `json:"eventID"`
	ReadOnly              bool           `json:"readOnly"`
	Resources             []awsResource  `json:"resources,omitempty"`
	EventType             string         `json:"eventType"`
	ManagementEvent       bool           `json:"managementEvent"`
	RecipientAccountID    string         `json:"recipientAccountId"`
	SharedEventID         string         `json:"sharedEventID,omitempty"`
	EventCategory         string         `json:"eventCategory"`
	TLSDetails            *awsTLS        `json:"tlsDetails,omitempty"`
	SessionCredentialFrom string         `json:"sessionCredentialFromConsole,omitempty"`
}

type awsIdentity struct {
	Type             string      `json:"type"`
	PrincipalID      string      `json:"principalId,omitempty"`
	ARN              string      `json:"arn,omitempty"`
	AccountID        string      `json:"accountId,omitempty"`
	AccessKeyID      string      `json:"accessKeyId,omitempty"`
	UserName         string      `json:"userName,omitempty"`
	SessionContext   *awsSession `json:"sessionContext,omitempty"`
	InvokedBy        string      `json:"invokedBy,omitempty"`
	IdentityProvider string      `json:"identityProvider,omitempty"`
}

type awsSession struct {
	SessionIssuer       awsIssuer      `json:"sessionIssuer"`
	WebIDFederationData map[string]any `json:"webIdFederationData,omitempty"`
	Attributes          awsAttributes  `json:"attributes"`
	SourceIdentity      string         `json:"sourceIdentity,omitempty"`
	EC2RoleDelivery     string         `json:"ec2RoleDelivery,omitempty"`
}

type awsIssuer struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName"`
}

type awsAttributes struct {
	CreationDate     string `json:"creationDate"`
	MFAAuthenticated string `json:"mfaAuthenticated"`
}

type awsResource struct {
	AccountID string `json:"accountId"`
	Type      string `json:"type"`
	ARN       string `json:"ARN"`
}

type awsTLS struct {
	Version string `json:"tlsVersion"`
	Cipher  string `json:"cipherSuite"`
	Host    string `json:"clientProvidedHostHeader"`
}

func awsTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// awsDate is how responses spell a time.
func awsDate(t time.Time) string { return t.UTC().Format("Jan 2, 2006, 3:04:05 PM") }

func arn(service, path string) string {
	region := mainRegion
	switch service {
	case "iam", "sts":
		region = ""
	case "s3":
		return "arn:aws:s3:::" + path
	}
	return strings.Join([]string{"arn:aws", service, region, awsAccount, path}, ":")
}

// readsOnly goes by the verb, as AWS names its calls.
func readsOnly(name string) bool {
	for _, verb := range []string{"Get", "List", "Describe", "Decrypt", "AssumeRole", "Lookup", "BatchGet", "Head"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}
