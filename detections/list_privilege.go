package detections

var privilege = []*Detection{}
