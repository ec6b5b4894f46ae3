package detections

// oktaSigns are what single records of this source show.
var oktaSigns = []*Sign{}
