package detections

import "slices"

// Signs lists what single records show.
func Signs() []*Sign {
	return slices.Concat(oktaSigns, entraSigns, cloudtrailSigns, vaultSigns, ecsSigns)
}

// Detections lists the detections with memory.
func Detections() []*Detection {
	return slices.Concat(authentication, sessions, privilege, credentials, machines, journeys, vaultDetections, cloudtrailDetections)
}
