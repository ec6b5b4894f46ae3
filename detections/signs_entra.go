package detections

// entraSigns are what single records of this source show.
var entraSigns = []*Sign{}
