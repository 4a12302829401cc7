# Kaskado in a container. Media needs its UDP ports and an address that clients can reach:
#
#   docker build -t kaskado .
#   docker run -p 8888:8888/tcp -p 8888:8888/udp -p 8889:8889/tcp -p 9091:9091/tcp -v kaskado:/data \
#     -e KASKADO_ANNOUNCED_ADDRESSES=203.0.113.7 -e KASKADO_API_TOKEN=… kaskado
FROM denoland/deno:debian-2.9.6

# The packet plane calls libcrypto by FFI; Debian's slim images do not all carry it.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libssl3 \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY deno.json deno.lock ./
RUN deno install --frozen

COPY migrations/ migrations/
COPY openapi/ openapi/
COPY src/ src/
RUN deno cache --frozen src/main.ts src/frame/worker/main.ts \
  && mkdir /data \
  && chown -R deno:deno /data "$DENO_DIR"

ENV KASKADO_DATA_DIR=/data
VOLUME /data
EXPOSE 8888/tcp 8888/udp 8889/tcp 9091/tcp
USER deno

# tini of the base image hands SIGTERM on: sessions end properly before the process does. Nothing is fetched at start.
CMD ["run", "--cached-only", "-A", "src/main.ts"]
HEALTHCHECK --start-period=10s \
  CMD ["deno", "eval", "Deno.exit((await fetch('http://127.0.0.1:8888/readyz')).ok ? 0 : 1)"]
