package detections

var credentials = []*Detection{}
