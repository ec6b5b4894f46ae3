#!/usr/bin/env bash
# packages.sh: deb, rpm and tar.gz, the list of what is in them (SBOM) and their checksums, into dist/. Equal sources give equal
# bytes: the time in them is that of the commit. With SIGN_KEY=FILE (an SSH key) the checksums are signed.
set -euo pipefail
cd "$(dirname "$0")/../.."
packaging/scripts/need.sh go cc
GO=${GO:-go}
out=${DIST:-dist}
ARCH=$("$GO" env GOARCH)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
MTIME=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT

rm -rf "$out"
mkdir -p "$out" "$STAGE"/{bin,man,completion}
make --no-print-directory build VERSION="$RELEASE" AGENT_MODE=exe
cp bin/idwatch bin/out_idwatch.so "$STAGE/bin/"
bin/idwatch manual "$STAGE"
gzip -9n "$STAGE"/man/man1/*.1

# fill: the description with the values in it.
fill() {
	sed -e "s|\${ARCH}|$ARCH|g; s|\${RELEASE}|$RELEASE|g; s|\${MTIME}|$MTIME|g; s|\${STAGE}|$STAGE|g" packaging/nfpm.yaml
}

fill >"$STAGE/nfpm.yaml"
mkdir -p "$STAGE/tools"
"$GO" -C packaging/tools build -o "$STAGE/tools/" github.com/goreleaser/nfpm/v2/cmd/nfpm github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
for format in deb rpm; do
	"$STAGE/tools/nfpm" package --config "$STAGE/nfpm.yaml" --packager "$format" --target "$out/"
done

folder=idwatch-$RELEASE-linux-$ARCH
mkdir "$STAGE/$folder"
cp -r "$STAGE/bin" "$STAGE/man" "$STAGE/completion" LICENSE README.md CHANGELOG.md packaging/{systemd,config,fluent-bit,container,kubernetes} "$STAGE/$folder/"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --mode='u=rwX,go=rX' -C "$STAGE" -cf - "$folder" | gzip -9n >"$out/$folder.tar.gz"

for binary in idwatch out_idwatch.so; do
	"$STAGE/tools/cyclonedx-gomod" bin -json -noserial -notimestamp -version "v$RELEASE" -output "$out/$binary-$RELEASE.cdx.json" "$STAGE/bin/$binary"
done
(cd "$out" && sha256sum -- * >SHA256SUMS)
if [ -n "${SIGN_KEY:-}" ]; then
	ssh-keygen -q -Y sign -f "$SIGN_KEY" -n idwatch "$out/SHA256SUMS" # writes SHA256SUMS.sig
fi
ls -l "$out"
