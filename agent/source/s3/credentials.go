package s3

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/idwatch/idwatch/agent/secret"
)

// credentials are keys of a file, which is looked at again every now and then.
type credentials struct{ file *secret.File[aws.Credentials] }

// lookAgain is how long the keys of a file hold until it is looked at again.
const lookAgain = time.Minute

func openCredentials(path, profile string) (*credentials, error) {
	if profile == "" {
		profile = "default"
	}
	c := &credentials{&secret.File[aws.Credentials]{Key: "credentials_file", Path: path, Parse: func(content []byte) (aws.Credentials, error) {
		return parseCredentials(content, profile)
	}}}
	return c, c.file.Open()
}

// Retrieve implements aws.CredentialsProvider.
func (c *credentials) Retrieve(context.Context) (aws.Credentials, error) {
	keys, err := c.file.Get()
	if keys.AccessKeyID == "" {
		return keys, err
	}
	keys.CanExpire, keys.Expires = true, time.Now().Add(lookAgain)
	return keys, nil
}

// parseCredentials reads a section of the file that AWS's command line writes. The SDK's own reader does not look who can read the file.
func parseCredentials(content []byte, profile string) (keys aws.Credentials, err error) {
	section := ""
	for line := range bytes.Lines(content) {
		text := strings.TrimSpace(string(line))
		if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
			section = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text[1:len(text)-1]), "profile "))
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok || section != profile {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "aws_access_key_id":
			keys.AccessKeyID = value
		case "aws_secret_access_key":
			keys.SecretAccessKey = value
		case "aws_session_token":
			keys.SessionToken = value
		}
	}
	if keys.AccessKeyID == "" || keys.SecretAccessKey == "" {
		return keys, errors.New("has no aws_access_key_id and aws_secret_access_key in the section of the profile")
	}
	return keys, nil
}
