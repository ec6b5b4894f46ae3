package listen

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// HTTP answers requests until ctx ends. Those that are under way then may go on for as long as grace. Its error says why it ended before ctx
// did.
func HTTP(ctx context.Context, server *http.Server, l net.Listener, grace time.Duration) error {
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug) // it quotes what strangers send
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(l)
	if stop() { // it ended by itself
		_ = server.Close()
		return err
	}
	<-ended // Serve does not wait for it
	return nil
}
