package detections

// privilege are the detections over rights, roles and the policies that guard them.
var privilege = []*Detection{
	oktaConsoleNew, anyGrantSpike, anyNewRaised, anyShortLife, entraManyElevations, anyDefencesLowered,
}
