package detections

// authentication are the detections over sign-ins and second factors.
var authentication = []*Detection{
	anyGuessing, anyLockouts, anySpray, anyGuessed,
	oktaTravel, entraTravel, oktaNewDevice, entraNewWay, anyOddHour, oktaProxy, oktaNewProvider,
	oktaDenied, oktaManyApps, entraRisks, entraOldProtocol, entraCodePhish, entraAttackTool,
	anyPushBombing, anyPushApproved, anyCodesGuessed, oktaPushElsewhere,
	anyManyResets, anyResetAndRemoved, anyFactorGone, oktaSharedFactor,
}
