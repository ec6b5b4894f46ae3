package main

import "github.com/idwatch/idwatch/agent/config"

// overrides are the keys of an [OUTPUT] section that stand above those of the configuration file. Fluent Bit keeps
// host, port, tls and others for itself, hence the names.
var overrides = [...]string{"data_dir", "es_url", "api_key_file", "ca_file", "namespace", "context", "source"}

// settings are what Fluent Bit's configuration says about one instance.
type settings struct {
	config string            // the configuration file, shared with the agent
	keys   map[string]string // overrides that are set
	logKey string            // member that holds the record, found by shape when empty
}

// readSettings reads all keys at once: what get asks is only valid during FLBPluginInit.
func readSettings(get func(key string) string) settings {
	s := settings{config: get("config"), logKey: get("log_key"), keys: map[string]string{}}
	for _, key := range overrides {
		if value := get(key); value != "" {
			s.keys[key] = value
		}
	}
	return s
}

// load reads the configuration file and sets the overrides.
func (s settings) load() (*config.Config, error) {
	c := config.Default()
	if s.config != "" {
		var err error
		if c, err = config.Load(s.config); err != nil {
			return nil, err
		}
	}
	if !c.Named("console.listen") {
		c.Console.Listen = "off" // nobody expects an open port from Fluent Bit unless told
		c.Store.Enabled = c.Store.Enabled && c.Named("store.enabled")
	}
	for _, key := range overrides {
		value, ok := s.keys[key]
		if !ok {
			continue
		}
		if err := c.Override(key, value); err != nil {
			return nil, err
		}
	}
	return c, nil
}
