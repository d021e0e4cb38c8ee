# Kaopass in two stages: one that builds, one that only runs.
#
# Written without a container engine at hand. Each RUN step was run by hand, in
# this order, in a root directory of the same Debian release; what an engine
# adds (COPY, USER, VOLUME, HEALTHCHECK) was not. Tell us if it differs.
#
# What is fetched is checked: npm and Go packages against their lock files,
# and the models against the SHA-256 in matcher/models.json.

FROM golang:1.26-trixie AS build
WORKDIR /src
RUN apt-get update && apt-get install --yes --no-install-recommends nodejs npm
COPY package.json package-lock.json .npmrc ./
# Without PostgreSQL, compiler and test media: the image uses a server of your own.
RUN npm ci --omit=dev --omit=optional
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -trimpath -ldflags=-s -o /out/kaopass ./web
RUN /out/kaopass models prepare --dir /out/models
RUN install -D --mode=0644 --target-directory=/out/lib \
    node_modules/onnxruntime-node/bin/napi-v6/linux/$(node -p process.arch)/libonnxruntime.so.1

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libstdc++6 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --user-group --uid 10001 --home-dir /data --no-create-home kaopass \
    && install --directory --owner=kaopass --group=kaopass --mode=0700 /data
COPY --from=build /out/kaopass /usr/local/bin/kaopass
COPY --from=build /out/models /usr/local/share/kaopass/models
COPY --from=build /out/lib /usr/local/lib/kaopass
ENV KAOPASS_ADDR=0.0.0.0:8080 \
    KAOPASS_DATA=/data \
    KAOPASS_MODELS=/usr/local/share/kaopass/models \
    KAOPASS_ONNXRUNTIME=/usr/local/lib/kaopass/libonnxruntime.so.1
# Cards by Stripe: mount the key as a secret and set KAOPASS_STRIPE_KEY_FILE, KAOPASS_STRIPE_WEBHOOK_SECRET and an https://
# KAOPASS_URL (README, "Cards by Stripe"). An image never holds a key.
USER kaopass
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --start-period=60s CMD ["kaopass", "ready"]
ENTRYPOINT ["kaopass"]
CMD ["serve"]
