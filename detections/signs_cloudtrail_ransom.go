package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	awsForeignKey    = "aws_object_encrypted_with_foreign_key"
	awsVersioningOff = "aws_versioning_suspended"
)

// awsRansomSigns are about data that is taken away from its owner.
var awsRansomSigns = []*Sign{
	{
		Rule: Rule{
			ID: awsForeignKey, Name: "AWS object encrypted with a key the account does not hold", Severity: 73, Points: 55,
			Description: "An object is written with a KMS key of another account, or with a key that only the caller has. So ransom takes data without deleting it.",
			Covers:      []string{"DA5"}, Techniques: []string{"T1486"},
			Evidence: "CopyObject or PutObject with x-amz-server-side-encryption-aws-kms-key-id of another account, or x-amz-server-side-encryption-customer-algorithm", Lookalikes: "A partner's bucket; software that brings its own keys: known operations.",
			Tuning: "Name the identity that works with its own keys.",
		},
		Dataset: cloudtrail, Actions: strings.Fields("CopyObject PutObject UploadPart CompleteMultipartUpload CreateMultipartUpload"), When: foreignKey, Weigh: weigh,
	},
	{
		Rule: Rule{
			ID: "aws_ransom_note", Name: "Object named like a ransom note", Severity: 99, Points: 75,
			Description: "An object is written whose name is that of a ransom note.",
			Covers:      []string{"DA5"}, Techniques: []string{"T1486"},
			Evidence: "PutObject whose key speaks of ransom, decryption or recovery", Lookalikes: "A runbook on ransom.", Tuning: "None.",
			BeyondWindows: true,
		},
		Dataset: cloudtrail, Actions: []string{"PutObject", "CopyObject"}, When: isRansomNote, Weigh: weigh,
	},
	{
		Rule: Rule{
			ID: awsVersioningOff, Name: "AWS bucket keeps no old versions any more", Severity: 47, Points: 45,
			Description: "Versioning of a bucket is suspended, or its delete protection is taken off: what is deleted next is gone.",
			Covers:      []string{"DA5"}, Techniques: []string{"T1490"},
			Evidence: "PutBucketVersioning Suspended; MfaDelete Disabled", Lookalikes: "Saving costs in a test environment.", Tuning: "Declare maintenance windows.",
		},
		Dataset: cloudtrail, Actions: []string{"PutBucketVersioning"}, When: suspendsVersions, Weigh: weighOwn,
	},
	{
		Rule: Rule{
			ID: "aws_backup_deleted", Name: "AWS backup vault or recovery point deleted", Severity: 73, Points: 55,
			Description: "Backups are deleted, which ransom does before it asks for money.",
			Covers:      []string{"DA5"}, Techniques: []string{"T1490", "T1485"},
			Evidence: "DeleteBackupVault, DeleteRecoveryPoint, DeleteBackupPlan, DeleteBackupVaultLockConfiguration", Lookalikes: "A backup plan that is replaced.", Tuning: "Declare maintenance windows.",
		},
		Dataset: cloudtrail, Weigh: weighOwn,
		Actions: strings.Fields("DeleteBackupVault DeleteRecoveryPoint DeleteBackupVaultLockConfiguration DisassociateRecoveryPoint"),
	},
	{
		Rule: Rule{
			ID: "aws_kms_key_taken_away", Name: "AWS encryption key disabled or to be deleted", Severity: 73, Points: 55,
			Description: "A key is disabled, scheduled for deletion, or its material is deleted. All that is encrypted with it is lost.",
			Covers:      []string{"CR17"}, Techniques: []string{"T1485", "T1486"},
			Evidence: "DisableKey, ScheduleKeyDeletion, DeleteImportedKeyMaterial", Lookalikes: "An environment that is taken down within a day by the identity that made it.",
			Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, When: from("kms"), Weigh: weighOwn, Actions: strings.Fields("DisableKey ScheduleKeyDeletion DeleteImportedKeyMaterial"),
	},
}

// foreignKey: the owner cannot read what is written so.
func foreignKey(ev *ecs.Event) bool {
	request := requestOf(ev)
	if textAt(request, []string{"x-amz-server-side-encryption-customer-algorithm"}) != "" {
		return true
	}
	return outsider(textAt(request, []string{"x-amz-server-side-encryption-aws-kms-key-id"}), ev.Tenant).name != ""
}

// noteWords are what ransom notes are called.
var noteWords = []string{"ransom", "how_to_decrypt", "how-to-decrypt", "decrypt_instruction", "recover_files", "restore_files", "files_encrypted", "your_files", "all_your_data", "warning_pay", "bitcoin"}

func isRansomNote(ev *ecs.Event) bool {
	return holdsAny(lastPart(requestOf(ev).Get("key").Str()), noteWords)
}

func suspendsVersions(ev *ecs.Event) bool {
	v := requestOf(ev).Get("VersioningConfiguration")
	return v.Get("Status").Str() == "Suspended" || strings.EqualFold(ecs.FirstOf(v.Get("MfaDelete").Str(), v.Get("MFADelete").Str()), "disabled")
}
