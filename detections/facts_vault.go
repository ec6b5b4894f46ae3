package detections

import "github.com/idwatch/idwatch/parsers/ecs"

// vaultFacts tells what these records tell beside the common fields.
func vaultFacts(ev *ecs.Event, a *Act, words *words) {}
