package detections

var sessions = []*Detection{}
