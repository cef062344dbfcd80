# Sourced by profile.sh and layout.sh: an nginx that answers every path with 600 bytes, at the ports $plain, $http2 and $tls, until the script ends. Its files are in $dir,
# which goes with it; so may be the script's own.
for tool in nginx openssl; do
    command -v $tool >/dev/null || { echo "$0: $tool is missing" >&2; exit 2; }
done
dir=$(mktemp -d)
origin=
trap '[ -z "$origin" ] || kill "$origin"; rm -rf "$dir"' EXIT

ports=$(python3 -c 'import socket; s = [socket.socket() for _ in "123"]; [x.bind(("127.0.0.1", 0)) for x in s]; print(*(x.getsockname()[1] for x in s))')
read -r plain http2 tls <<<"$ports"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
body=$(printf 'x%.0s' {1..600})
cat >"$dir/nginx.conf" <<CONF
daemon off; $([ "$(id -u)" -ne 0 ] || echo "user root;") worker_processes 1; pid $dir/pid; error_log $dir/error.log; events { worker_connections 1024; }
http {
    access_log off; keepalive_requests 1000000; default_type text/html;
    server { listen 127.0.0.1:$plain; location / { return 200 "$body"; } }
    server { listen 127.0.0.1:$http2 http2; location / { return 200 "$body"; } }
    server { listen 127.0.0.1:$tls ssl; ssl_certificate $dir/cert.pem; ssl_certificate_key $dir/key.pem; location / { return 200 "$body"; } }
}
CONF
nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log" &
origin=$!
sleep 0.5
