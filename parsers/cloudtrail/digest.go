package cloudtrail

import (
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// digest is what tells that CloudTrail's files are whole.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
type digest struct {
	account, object, start, end, newest, oldest, bucket   record.Value
	previousBucket, previousObject, previousHash          record.Value
	previousAlgorithm, previousSignature, signatureMethod record.Value
	fingerprint, otherFingerprint, files                  record.Value

	seen bool
}

func (d *digest) member(key string, m record.Value) {
	d.seen = true
	switch key {
	case "awsAccountId":
		d.account = m
	case "digestS3Object":
		d.object = m
	case "digestStartTime":
		d.start = m
	case "digestEndTime":
		d.end = m
	case "newestEventTime":
		d.newest = m
	case "oldestEventTime":
		d.oldest = m
	case "digestS3Bucket":
		d.bucket = m
	case "previousDigestS3Bucket":
		d.previousBucket = m
	case "previousDigestS3Object":
		d.previousObject = m
	case "previousDigestHashValue":
		d.previousHash = m
	case "previousDigestHashAlgorithm":
		d.previousAlgorithm = m
	case "previousDigestSignature":
		d.previousSignature = m
	case "digestSignatureAlgorithm":
		d.signatureMethod = m
	case "digestPublicKeyFingerprint":
		d.fingerprint = m
	case "publicKeyFingerprint":
		d.otherFingerprint = m
	case "logFiles":
		d.files = m
	}
}

// writeDigest writes the digest, whose own members get Elastic's names while those of its files keep theirs.
func (t *trail) writeDigest() {
	w, d := &t.w, &t.digest
	if !d.seen {
		return
	}
	mark := w.Open("digest")
	t.digestTime("start_time", "digestStartTime", d.start)
	t.digestTime("end_time", "digestEndTime", d.end)
	t.digestTime("newest_event_time", "newestEventTime", d.newest)
	t.digestTime("oldest_event_time", "oldestEventTime", d.oldest)
	w.keyword("s3_bucket", d.bucket)
	w.keyword("previous_s3_bucket", d.previousBucket)
	w.keyword("previous_s3_object", d.previousObject)
	hash := w.keyword("previous_hash_value", d.previousHash)
	w.keyword("previous_hash_algorithm", d.previousAlgorithm)
	w.keyword("previous_signature", d.previousSignature)
	w.keyword("signature_algorithm", d.signatureMethod)
	if !d.fingerprint.Exists() {
		d.fingerprint = d.otherFingerprint
	}
	w.keyword("public_key_fingerprint", d.fingerprint)
	w.flattened("log_files", d.files)
	w.Close(mark)
	t.ev.FilePath = w.text(d.object)
	if t.ev.ID == "" {
		t.ev.NativeID = t.ev.FilePath
	}
	t.ev.Related.Hash = ecs.Add(t.ev.Related.Hash, hash)
}

func (t *trail) digestTime(name, field string, v record.Value) {
	if v.Exists() && !t.w.date(name, v) {
		t.fail(field + " cannot be read")
	}
}
