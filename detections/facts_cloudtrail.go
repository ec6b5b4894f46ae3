package detections

import "github.com/idwatch/idwatch/parsers/ecs"

// cloudtrailFacts tells what these records tell beside the common fields.
func cloudtrailFacts(ev *ecs.Event, a *Act, words *words) {}
