package config

import (
	"strconv"
	"strings"
)

// checkDelivery: whoever writes ECS documents names their data stream, so an input says which it lets through.
func (c *Config) checkDelivery(report func(path, problem string)) {
	for i, in := range c.Inputs {
		at := "inputs[" + strconv.Itoa(i) + "]."
		deliver, streams := Delivery(in)
		switch {
		case !deliver && len(streams) > 0:
			report(at+"data_streams", "needs deliver: true")
		case deliver && c.SourceOf(in) != "ecs":
			report(at+"deliver", "needs source: ecs")
		case deliver && len(streams) == 0:
			report(at+"deliver", "needs data_streams: those that documents may go to")
		}
		for j, stream := range streams {
			path := at + "data_streams"
			if element := path + "[" + strconv.Itoa(j) + "]"; c.Named(element) {
				path = element
			}
			report(path, checkStream(stream))
		}
	}
}

// checkStream allows logs-<dataset>-<namespace>, but none of idwatch's own.
func checkStream(name string) string {
	parts := strings.Split(name, "-")
	if len(parts) != 3 || parts[0] != "logs" || checkNamespace(parts[1]) != "" || checkNamespace(parts[2]) != "" {
		return "want logs-<dataset>-<namespace> in lower-case letters, digits, _ and ."
	}
	if strings.HasPrefix(parts[1], "idwatch") {
		return "is idwatch's own"
	}
	return ""
}
