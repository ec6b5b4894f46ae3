// Package torture holds the tests that kill the agent, cut its connections and let it be offline for days, and then count every record.
package torture
