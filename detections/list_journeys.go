package detections

var journeys = []*Detection{}
