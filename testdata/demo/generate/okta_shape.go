package main

import (
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// oktaEvent is a LogEvent with all its members: Okta writes null where there is nothing.
// https://developer.okta.com/docs/reference/api/system-log/
type oktaEvent struct {
	Actor                 oktaActor       `json:"actor"`
	Client                oktaClient      `json:"client"`
	Device                *oktaDevice     `json:"device"`
	AuthenticationContext oktaAuth        `json:"authenticationContext"`
	DisplayMessage        string          `json:"displayMessage"`
	EventType             string          `json:"eventType"`
	Outcome               oktaOutcome     `json:"outcome"`
	Published             string          `json:"published"`
	SecurityContext       oktaSecurity    `json:"securityContext"`
	Severity              string          `json:"severity"`
	DebugContext          oktaDebug       `json:"debugContext"`
	LegacyEventType       any             `json:"legacyEventType"`
	Transaction           oktaTransaction `json:"transaction"`
	UUID                  string          `json:"uuid"`
	Version               string          `json:"version"`
	Request               oktaRequest     `json:"request"`
	Target                []oktaTarget    `json:"target"`
}

type oktaActor struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	AlternateID string `json:"alternateId"`
	DisplayName string `json:"displayName"`
	DetailEntry any    `json:"detailEntry"`
}

type oktaClient struct {
	UserAgent           *oktaAgent `json:"userAgent"`
	Zone                any        `json:"zone"`
	Device              any        `json:"device"`
	ID                  any        `json:"id"`
	IPAddress           any        `json:"ipAddress"`
	GeographicalContext *oktaGeo   `json:"geographicalContext"`
}

type oktaAgent struct {
	RawUserAgent string `json:"rawUserAgent"`
	OS           string `json:"os"`
	Browser      string `json:"browser"`
}

type oktaGeo struct {
	City        any       `json:"city"`
	State       any       `json:"state"`
	Country     string    `json:"country"`
	PostalCode  any       `json:"postalCode"`
	Geolocation oktaPoint `json:"geolocation"`
}

type oktaPoint struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

type oktaDevice struct {
	ID                    string `json:"id"`
	Name                  string `json:"name"`
	OSPlatform            string `json:"os_platform"`
	OSVersion             string `json:"os_version"`
	Managed               bool   `json:"managed"`
	Registered            bool   `json:"registered"`
	DeviceIntegrator      any    `json:"device_integrator"`
	DiskEncryptionType    string `json:"disk_encryption_type"`
	ScreenLockType        string `json:"screen_lock_type"`
	Jailbreak             any    `json:"jailbreak"`
	SecureHardwarePresent bool   `json:"secure_hardware_present"`
}

type oktaAuth struct {
	AuthenticationProvider any `json:"authenticationProvider"`
	CredentialProvider     any `json:"credentialProvider"`
	CredentialType         any `json:"credentialType"`
	Issuer                 any `json:"issuer"`
	Interface              any `json:"interface"`
	AuthenticationStep     int `json:"authenticationStep"`
	RootSessionID          any `json:"rootSessionId"`
	ExternalSessionID      any `json:"externalSessionId"`
}

type oktaOutcome struct {
	Result string `json:"result"`
	Reason any    `json:"reason"`
}

type oktaSecurity struct {
	ASNumber any `json:"asNumber"`
	ASOrg    any `json:"asOrg"`
	ISP      any `json:"isp"`
	Domain   any `json:"domain"`
	IsProxy  any `json:"isProxy"`
}

type oktaDebug struct {
	DebugData map[string]any `json:"debugData"`
}

type oktaTransaction struct {
	Type   string         `json:"type"`
	ID     string         `json:"id"`
	Detail map[string]any `json:"detail"`
}

type oktaRequest struct {
	IPChain []oktaHop `json:"ipChain"`
}

type oktaHop struct {
	IP                  string   `json:"ip"`
	GeographicalContext *oktaGeo `json:"geographicalContext"`
	Version             string   `json:"version"`
	Source              any      `json:"source"`
}

type oktaTarget struct {
	ID            string `json:"id"`
	Type          string `json:"type"`
	AlternateID   string `json:"alternateId"`
	DisplayName   string `json:"displayName"`
	DetailEntry   any    `json:"detailEntry"`
	ChangeDetails any    `json:"changeDetails,omitempty"`
}

func oktaTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// orNull is null for what is not known.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func oktaPlace(p places.Place) *oktaGeo {
	return &oktaGeo{orNull(p.City), orNull(p.Region), p.Country, orNull(p.Postal), oktaPoint{p.Lat, p.Lon}}
}
