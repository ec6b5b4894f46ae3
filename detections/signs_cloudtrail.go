package detections

// cloudtrailSigns are what single records of this source show.
var cloudtrailSigns = []*Sign{}
