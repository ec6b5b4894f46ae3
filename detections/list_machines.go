package detections

var machines = []*Detection{}
