package detections

import "github.com/idwatch/idwatch/parsers/ecs"

// signInFacts tells what these records tell beside the common fields.
func signInFacts(ev *ecs.Event, a *Act, words *words) {}

// auditFacts tells what these records tell beside the common fields.
func auditFacts(ev *ecs.Event, a *Act, words *words) {}

// riskFacts tells what these records tell beside the common fields.
func riskFacts(ev *ecs.Event, a *Act, words *words) {}

// graphFacts tells what these records tell beside the common fields.
func graphFacts(ev *ecs.Event, a *Act, words *words) {}

// activityFacts tells what these records tell beside the common fields.
func activityFacts(ev *ecs.Event, a *Act, words *words) {}
