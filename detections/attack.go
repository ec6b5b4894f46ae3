package detections

// renamed are techniques that ATT&CK 19 calls otherwise than the versions before: new name to old. Rules keep the name that they have;
// reports can tell both. https://attack.mitre.org/resources/updates/
var renamed = map[string]string{
	"T1685":     "T1562",     // Impair Defenses
	"T1685.002": "T1562.008", // Disable or Modify Cloud Logs
	"T1686.001": "T1562.007", // Disable or Modify Cloud Firewall
}

// TechniqueBefore is the id that a technique had before ATT&CK 19, or the one that it has.
func TechniqueBefore(id string) string {
	if old, ok := renamed[id]; ok {
		return old
	}
	return id
}

// otherNames lists the ids by which other versions of ATT&CK call techniques.
func otherNames(techniques []string) []string {
	others := []string{}
	for _, id := range techniques {
		if old, ok := renamed[id]; ok {
			others = append(others, old)
			continue
		}
		for now, old := range renamed {
			if old == id {
				others = append(others, now)
			}
		}
	}
	return others
}
