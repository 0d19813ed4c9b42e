-- An XMPP server for one test, below the directory ENV_DIR, whoever runs it.
run_as_root = true
data_path = ENV_DIR .. "/data"
pidfile = ENV_DIR .. "/prosody.pid"
log = { debug = "*console" }

interfaces = { "127.0.0.1" }
c2s_ports = { tonumber(ENV_PORT) }
c2s_direct_tls_ports = { tonumber(ENV_TLS_PORT) }
modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "smacks", "csi", "csi_simple", "carbons", "offline" }
modules_disabled = { "s2s" }
c2s_require_encryption = true
authentication = "internal_hashed"
password_hash = "SHA-256"
ssl = { key = ENV_DIR .. "/key.pem", certificate = ENV_DIR .. "/cert.pem" }

VirtualHost "example.org"
