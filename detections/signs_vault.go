package detections

// vaultSigns are what single records of this source show.
var vaultSigns = []*Sign{}
