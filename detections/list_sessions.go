package detections

// sessions are the detections over sessions, tokens and the devices that hold them.
var sessions = []*Detection{
	oktaSessionMoved, entraSessionMoved, oktaManySessions,
	entraDevicePhish, entraFreshDevice, entraManyDevices,
	oktaClientTries, oktaTokenStrange,
}
