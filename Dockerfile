# divide in a container. Build it in a checkout: docker build -t divide .
# docker run --rm -v "$PWD:/data" divide compute --gap internet_use_sex
FROM python:3.12.12-slim-bookworm AS build
COPY . /source
RUN python -m venv /opt/divide \
 && /opt/divide/bin/pip install --no-cache-dir --disable-pip-version-check "/source[excel,report]" \
 && /opt/divide/bin/pip uninstall --yes --quiet pip

FROM python:3.12.12-slim-bookworm
COPY --from=build /opt/divide /opt/divide
RUN useradd --uid 10001 --home-dir /var/lib/divide --no-create-home divide \
 && mkdir --mode 1777 /var/lib/divide \
 && install -d --owner divide /data
ENV HOME=/var/lib/divide PATH=/opt/divide/bin:$PATH
USER divide
WORKDIR /data
ENTRYPOINT ["divide"]
CMD ["--help"]
