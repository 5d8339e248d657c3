# The server. It holds no telephony: calls go on while it is replaced.
FROM node:22-trixie-slim AS browser
WORKDIR /static
COPY static/package.json static/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM rust:1-trixie AS build
WORKDIR /source
COPY . .
COPY --from=browser /static/node_modules static/node_modules
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build --release --locked --package gonopbx && install -D target/release/gonopbx /out/gonopbx

FROM debian:trixie-slim
# The account has the same number as in Asterisk's image: both use the folder of finished calls.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 5038 --no-create-home --shell /usr/sbin/nologin gonopbx \
 && install -d -o gonopbx -g gonopbx -m 700 /var/spool/gonopbx
COPY --from=build /out/gonopbx /usr/local/bin/gonopbx
USER gonopbx
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${GONOPBX_HTTP_PORT:-3000} && printf 'GET /api/health HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
# A password hash takes 19 MiB for 30 ms; from this size on the C library gives memory back.
ENV MALLOC_MMAP_THRESHOLD_=1048576
ENTRYPOINT ["gonopbx"]
CMD ["serve"]
