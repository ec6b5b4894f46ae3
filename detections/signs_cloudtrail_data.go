package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// awsDataSigns are about data that leaves the account.
var awsDataSigns = []*Sign{
	{
		Rule: Rule{
			ID: "aws_snapshot_shared", Name: "AWS snapshot or image shared with another account", Severity: 73, Points: 60,
			Description: "A disk snapshot, machine image or database snapshot is opened to another account or to everybody: a whole disk leaves with one call.",
			Covers:      []string{"DA3"}, Techniques: []string{"T1537"}, NHI: []string{"NHI6:2025"},
			Evidence: "ModifySnapshotAttribute, ModifyImageAttribute, ModifyDBSnapshotAttribute that add an account", Lookalikes: "Images that are built in one account of the house and used in others.",
			Tuning: "Name the accounts of the house in the context file (aws:account/<number>).",
		},
		Dataset: cloudtrail, When: hasStranger, Weigh: weighStranger,
		Actions: strings.Fields("ModifySnapshotAttribute ModifyImageAttribute ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute"),
	},
	{
		Rule: Rule{
			ID: "aws_snapshot_exported", Name: "AWS snapshot or image exported", Severity: 47, Points: 40,
			Description: "A snapshot, image or instance is written out to a bucket.",
			Covers:      []string{"DA3"}, Techniques: []string{"T1537"},
			Evidence: "StartExportTask, CreateStoreImageTask, CreateInstanceExportTask, ExportImage", Lookalikes: "Backups, a move to another provider.", Tuning: "Name the backup's identity in the context file.",
		},
		Dataset: cloudtrail, Actions: strings.Fields("StartExportTask CreateStoreImageTask CreateInstanceExportTask ExportImage"), Weigh: weigh,
	},
	{
		Rule: Rule{
			ID: "aws_bucket_opened", Name: "AWS data opened to a foreign account or to everybody", Severity: 73, Points: 60,
			Description: "A bucket, secret, key, repository or document lets another account or everybody read it, or a bucket is copied to another account.",
			Covers:      []string{"DA4"}, Techniques: []string{"T1537", "T1530"}, NHI: []string{"NHI6:2025"},
			Evidence: "PutBucketPolicy, PutBucketAcl, PutBucketReplication, PutResourcePolicy and the like, with a foreign Principal", Lookalikes: "A public web site; a partner that gets files; log delivery, which may only write, is left out.",
			Tuning: "Name partners' accounts in the context file.",
		},
		Dataset: cloudtrail, When: hasStranger, Weigh: weighStranger,
		Actions: strings.Fields("PutBucketPolicy PutBucketAcl PutObjectAcl PutAccessPointPolicy PutBucketReplication PutResourcePolicy SetRepositoryPolicy " +
			"ModifyDocumentPermission CreateResourceShare AssociateResourceShare"),
	},
	{
		Rule: Rule{
			ID: "aws_public_block_removed", Name: "AWS block on public buckets taken away", Severity: 47, Points: 45,
			Description: "The setting that keeps buckets from becoming public is removed from a bucket or the account.",
			Covers:      []string{"DA4"}, Techniques: []string{"T1530"}, NHI: []string{"NHI6:2025"},
			Evidence: "DeleteBucketPublicAccessBlock, PutAccountPublicAccessBlock with a false member", Lookalikes: "A public web site is set up.", Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, When: unblocks, Weigh: weighOwn,
		Actions: strings.Fields("DeleteBucketPublicAccessBlock DeleteAccountPublicAccessBlock PutBucketPublicAccessBlock PutAccountPublicAccessBlock"),
	},
	{
		Rule: Rule{
			ID: "aws_kms_key_opened", Name: "AWS encryption key opened to a foreign account", Severity: 73, Points: 60,
			Description: "The policy of a key, or a grant, lets another account or everybody use it.",
			Covers:      []string{"CR17"}, Techniques: []string{"T1537"}, NHI: []string{"NHI3:2025"},
			Evidence: "PutKeyPolicy, CreateGrant with a foreign principal", Lookalikes: "A backup account of the house.", Tuning: "Name the accounts of the house in the context file.",
		},
		Dataset: cloudtrail, When: hasStranger, Weigh: weighStranger, Actions: []string{"PutKeyPolicy", "CreateGrant"},
	},
	{
		Rule: Rule{
			ID: awsKeyFile, Name: "File of credentials fetched from a bucket", Severity: 47, Points: 40,
			Description: "An object is read whose name says that it holds keys, passwords or the state of a deployment.",
			Covers:      []string{"CR14"}, Techniques: []string{"T1552.001"}, NHI: []string{"NHI2:2025"},
			Evidence: "GetObject of *.pem, id_rsa, .env, credentials, *.tfstate and the like", Lookalikes: "A pipeline that reads its own state or certificate: known operations and buckets.",
			Tuning: "None needed: it is learned who reads which bucket.",
		},
		Dataset: cloudtrail, Actions: []string{"GetObject", "CopyObject"}, When: readsKeyFile, Weigh: weighKeyFile,
	},
}

// awsDenied is borne by calls that were refused for want of rights: for detections that count them.
var awsDeniedSign = &Sign{
	Rule:    Rule{ID: awsDenied, Name: "AWS call refused"},
	Dataset: cloudtrail, Quiet: true, Failures: true,
	When: func(ev *ecs.Event) bool {
		return ev.Outcome == "failure" && isDenial(ev.Record.Root().Get("errorCode").Str())
	},
}

const awsKeyFile = "aws_key_file_read"

// unblocks: one false member is enough to let a bucket become public.
func unblocks(ev *ecs.Event) bool {
	if strings.HasPrefix(ev.Action, "Delete") {
		return true
	}
	found := false
	requestOf(ev).Get("PublicAccessBlockConfiguration").Each(func(v record.Value) bool {
		found = v.Scalar() == "false"
		return !found
	})
	return found
}

// keyFiles are ends of names of files that hold credentials.
var keyFiles = []string{".pem", ".ppk", ".p12", ".pfx", ".kdbx", ".key", ".jks", ".ovpn", ".env", ".tfstate", ".htpasswd", ".pgpass", ".npmrc",
	"id_rsa", "id_ed25519", "id_ecdsa", "credentials", "credentials.json", "credentials.csv", "accesskeys.csv", "secrets.yaml", "secrets.yml", "kubeconfig", "shadow"}

func readsKeyFile(ev *ecs.Event) bool {
	request := requestOf(ev)
	name := ecs.FirstOf(request.Get("key").Str(), request.Get("x-amz-copy-source").Str())
	for _, end := range keyFiles {
		if len(name) >= len(end) && strings.EqualFold(name[len(name)-len(end):], end) {
			return ev.Cloud.ServiceName == "s3"
		}
	}
	return false
}

func weighKeyFile(c *Case) *Finding {
	if !isAWS(c.Act) {
		return nil
	}
	f := &Finding{}
	switch {
	case isHabit(c, resources, c.Act.Resource):
		f.Parts = append(f.Parts, Part{"habit", usualPoints, "the identity reads this bucket regularly"})
	case c.isNew(resources, c.Act.Resource), c.isNew(operations, c.Act.Operation):
		f.Parts = append(f.Parts, Part{"new_bucket", 15, "the identity never read this bucket"})
	}
	return f
}
