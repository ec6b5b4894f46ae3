package inlet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/source/kafka"
	"github.com/idwatch/idwatch/agent/source/okta"
	"github.com/idwatch/idwatch/agent/source/s3"
	"github.com/idwatch/idwatch/parsers"
)

func (p place) openOkta(in *config.OktaInput) (*okta.Poller, error) {
	return okta.Open(okta.Settings{
		URL: in.URL, CAFile: in.CAFile, Since: in.Since, Interval: in.Interval, Limit: in.Limit,
		Auth:     okta.Auth{TokenFile: in.TokenFile, ClientID: in.ClientID, PrivateKeyFile: in.PrivateKeyFile, KeyID: in.KeyID},
		Position: p.positionOf("okta", in.URL), Taker: p.taker, Split: parsers.Split, Log: p.log,
	})
}

func (p place) openS3(in *config.S3Input) (*s3.Reader, error) {
	return s3.Open(context.Background(), s3.Settings{
		QueueURL: in.QueueURL, Region: in.Region, Endpoint: in.Endpoint, CredentialsFile: in.CredentialsFile, Profile: in.Profile, Buckets: in.Buckets,
		Visibility: in.Visibility, MaxReceives: in.MaxReceives, Parallel: in.Parallel, Taker: p.taker, Split: upTo(in.MaxInflated), Log: p.log,
	})
}

func (p place) openKafka(in *config.KafkaInput) (*kafka.Reader, error) {
	return kafka.Open(kafka.Settings{
		Brokers: in.Brokers, Topics: in.Topics, Group: in.Group, FromEnd: in.From == "end", TLS: in.TLS, CAFile: in.CAFile,
		Username: in.Username, PasswordFile: in.PasswordFile, Session: in.Session, Taker: p.taker, Log: p.log,
	})
}

// positionOf is the file that keeps how far an input has read, which belongs to where it reads.
func (p place) positionOf(kind, where string) string {
	sum := sha256.Sum256([]byte(where))
	return filepath.Join(p.dataDir, "position-"+kind+"-"+hex.EncodeToString(sum[:8]))
}
