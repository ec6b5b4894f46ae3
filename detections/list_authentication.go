package detections

var authentication = []*Detection{}
