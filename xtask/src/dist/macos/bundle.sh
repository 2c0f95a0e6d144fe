#!/bin/sh
# Makes Dequeue.app and a disk image, on a Mac. Apple's frameworks and tools are to be had nowhere else,
# so this has not been run; docs/packages.md says what it makes.
#
#   xtask/src/dist/macos/bundle.sh [SIGNING-IDENTITY]
#
# Without an identity the programs are signed for this Mac alone (“ad hoc”). With a Developer ID, have
# Apple notarise the image afterwards:
#   xcrun notarytool submit target/dist/dequeue-….dmg --keychain-profile … --wait
#   xcrun stapler staple target/dist/dequeue-….dmg
set -eu

cd "$(dirname "$0")/../../../.."
identity=${1:--}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
out=target/dist
app=$out/Dequeue.app
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH MACOSX_DEPLOYMENT_TARGET=11.0

(cd ui && npm ci && npm run build)
for target in aarch64-apple-darwin x86_64-apple-darwin; do
	cargo build --locked --release --target "$target" \
		--package dequeue --package dequeue-tray --package dequeue-window
done

rm -rf "$app"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
# One program for both kinds of Mac.
for program in dequeue dequeue-tray dequeue-window; do
	lipo -create -output "$app/Contents/MacOS/$program" \
		"target/aarch64-apple-darwin/release/$program" \
		"target/x86_64-apple-darwin/release/$program"
done
cp icons/icon.icns "$app/Contents/Resources/dequeue.icns"
cp LICENSE-MIT LICENSE-APACHE "$app/Contents/Resources/"
sed "s/@VERSION@/$version/g" xtask/src/dist/macos/Info.plist >"$app/Contents/Info.plist"
plutil -lint "$app/Contents/Info.plist"

# The inner ones first: the seal of the bundle holds theirs.
for program in dequeue dequeue-window dequeue-tray; do
	codesign --force --options runtime --timestamp=none --sign "$identity" \
		"$app/Contents/MacOS/$program"
done
codesign --force --options runtime --timestamp=none --sign "$identity" "$app"
codesign --verify --deep --strict "$app"

image=$out/dequeue-$version-macos.dmg
rm -f "$image"
hdiutil create -volname Dequeue -srcfolder "$app" -format UDZO "$image"
(cd "$out" && shasum -a 256 "$(basename "$image")" >SHA256SUMS.macos)
echo "$image"
