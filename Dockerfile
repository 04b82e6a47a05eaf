# The appliance in a container, from the executable that `deno task compile` writes:
#   docker build -t spgov . && docker run --init -p 8080:8080 -v spgov:/var/lib/spgov spgov
# Database, keys and configuration are in the volume. DATABASE_URL selects an external PostgreSQL.
FROM debian:bookworm-slim

RUN useradd --uid 10001 --user-group --home-dir /var/lib/spgov --shell /usr/sbin/nologin spgov \
  && install --directory --owner spgov --group spgov --mode 0700 /var/lib/spgov

# Inside a container the loopback address is nobody's; what the host publishes is decided by `docker run -p`.
RUN mkdir -p /etc/spgov \
  && printf '%s\n' 'name: container' 'server:' '  address: 0.0.0.0' > /etc/spgov/profile.yaml

COPY --chmod=755 dist/spgov /usr/local/bin/spgov

# The portable form unpacks itself here, once, as root: then every user can run it and none can change it.
RUN spgov --version

ENV SPGOV_HOME=/var/lib/spgov SPGOV_PROFILE=/etc/spgov/profile.yaml
USER spgov
WORKDIR /var/lib/spgov
VOLUME /var/lib/spgov
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["spgov", "status", "--quiet"]
ENTRYPOINT ["spgov"]
CMD ["start"]
