package detections

import "github.com/idwatch/idwatch/parsers/ecs"

// oktaFacts tells what these records tell beside the common fields.
func oktaFacts(ev *ecs.Event, a *Act, words *words) {}
