#!/bin/sh
# 只用系统自带的工具做镜像：mirror.sh URL DIR [AREA]   （说明：docs/mirror.md）
# 要 POSIX sh、awk、sed、find、ssh-keygen、sha256sum、tar、gzip，以及 wget、curl、rsync 之一。第一次之前，把中心发来的 ssh-root.pub 放到 DIR/state/ 下。退出码与 huanjing mirror 相同。
# 环境变量：HUANJING_FETCH=wget|curl|rsync、HUANJING_DEADLINE=秒（整次同步）、HUANJING_KEEP=快照数、
# HUANJING_RATE=每秒多少 KB、HUANJING_ALLOW_SHRINK=1 允许新的一期少一半以上的文件；代理照 http_proxy。
set -eu; umask 022; LC_ALL=C; export LC_ALL
[ $# -ge 2 ] || { echo "用法：mirror.sh URL DIR [AREA]" >&2; exit 2; }
url=${1%/} area=${3:-whole} keep=${HUANJING_KEEP:-3} fetch=${HUANJING_FETCH:-} requests=0 rate=${HUANJING_RATE:-0} ends=$(($(date +%s) + ${HUANJING_DEADLINE:-3600}))
case $area in whole | [0-9][0-9][0-9][0-9][0-9][0-9]) ;; *) echo "区域应是六位区划代码：$area" >&2; exit 2 ;; esac
mkdir -p "$2/state/downloads" "$2/snapshots"; dir=$(cd "$2" && pwd); state=$dir/state stage=$dir/snapshots/staging
for tool in wget curl rsync; do [ "$fetch" ] || ! command -v $tool >/dev/null || fetch=$tool; done
name='(\.well-known/security\.txt|[0-9A-Za-z][0-9A-Za-z._-]*(/[0-9A-Za-z][0-9A-Za-z._-]*)*\.(html|css|js|json|csv|xlsx|parquet|zip|xml|txt|svg|png|jpg|webp|avif|ico|pdf|md))'
die() { code=$1; shift; [ "$(date +%s)" -lt "$ends" ] || set -- "$*总时限已到，下次从断处继续。"
  [ "$code" = 14 ] || { echo >"$state/room" && rm "$state/room"; } 2>/dev/null || { code=13; set -- "$*磁盘满了，或者 inode 用完了：请腾出空间。"; }
  echo "错误：$*旧网站保持原样。" >&2; exit "$code"; }
listed() { find "$dir/snapshots" -name staging -prune -o -name '[0-9]*' -prune -print | sed 's/.*\///' | sort -t. -k1,1n -k2,2n; }
get() ( # 地址 文件 上限（字节）：从断处继续，超过上限由系统中断
  ulimit -f $(($3 / 512 + 2)); left=$((ends - $(date +%s))) timed=''; [ "$left" -gt 0 ] || exit 1
  ! command -v timeout >/dev/null || timed="timeout $left"
  case $fetch in
    wget) $timed wget -q -c -t 3 -T 30 --max-redirect=5 --limit-rate="${rate}k" -O "$2" "$url/$1" ;;
    curl) $timed curl -fsSL -C - --max-redirs 5 --retry 2 -y 60 -Y 1 --limit-rate "${rate}k" -o "$2" "$url/$1" ;;
    *) $timed rsync -q --append --timeout=30 --bwlimit="$rate" "$url/$1" "$2" ;;
  esac)
fresh() { requests=$((requests + 1)); rm -f "$2"; get "$@" || die 12 "取不到 $url/$1。"; }
size() { wc -c 2>/dev/null <"$1" || echo 0; }; is() { [ "$(sha256sum 2>/dev/null <"$1" || :)" = "$2  -" ]; }
object() { # 文件夹 名称 上限：SHA256SUMS 里的这个对象，取到 $got
  line=$(grep -E "^[0-9a-f]{64}  targets/$1[0-9a-f]{64}\.$2\$" "$state/new/SHA256SUMS") || return 1
  got=$state/downloads/${line%% *} why=12; had=$(size "$got")
  for turn in 1 2 3; do # 内容不对就从头再来，中断的接着来，两次都接不上的也从头再来
    ! is "$got" "${line%% *}" || return 0
    [ $turn -lt 3 ] || [ "$(size "$got")" != "$had" ] || rm -f "$got"
    requests=$((requests + 1))
    if get "${line#*  }" "$got" "$3"; then is "$got" "${line%% *}" || { rm -f "$got"; why=10; }
    elif [ "$(size "$got")" -ge "$3" ]; then rm -f "$got"; why=10; fi
  done; is "$got" "${line%% *}" || die $why "$1$2 没有取全，或它的 SHA-256 与签名的清单不符。"
}
signed() { # 文件 可签的人 身份 用途
  ssh-keygen -q -Y verify -f "$2" -I "$3" -n "$4" -s "$1.sig" <"$1" >/dev/null 2>&1 ||
    die 10 "$(basename "$1") 的签名不对：不是受信任的密钥签的，或内容被改过。"
}
whole() { # 文件夹：清单就是签名的那一份，文件恰是清单里的，逐字节相同
  is "$1/manifest.json" "$manifest" || return 1
  sed -n 's/^{"path": "\([^"]*\)", "size": [0-9]*, "sha256": "\([0-9a-f]*\)"},\{0,1\}$/\2  \1/p' "$1/manifest.json" >"$state/sums"
  (cd "$1" && [ -z "$(find . ! -type d ! -type f)" ] && sha256sum -c "$state/sums" >/dev/null 2>&1 &&
    find . -type f | sed 's/^\.\///' | grep -vxE 'manifest\.json|host\.js|mirror\.json' | sort >"$state/found" &&
    cut -c67- "$state/sums" | sort | cmp -s - "$state/found")
}
# 一、锁：同一文件夹一次只许一个。
if command -v flock >/dev/null; then exec 9>"$state/lock"; flock -n 9 || die 14 "$dir 正在被另一次同步使用。"
else mkdir "$state/lock.d" 2>/dev/null || die 14 "$dir 正被另一次同步使用（若没有，请删去 $state/lock.d）。"; trap 'rmdir "$state/lock.d"' EXIT; fi
# 二、签名：根密钥签的名单，名单里的密钥签的清单。
rm -rf "$state/new"; mkdir "$state/new"; [ -s "$state/ssh-root.pub" ] || die 10 "还不知道该信任谁：请把中心的 ssh-root.pub 放到 $state/。"
sed 's/^/root namespaces="huanjing-keys" /' "$state/ssh-root.pub" >"$state/root_signers"
for file in allowed_signers allowed_signers.sig; do fresh plain/$file "$state/new/$file" 20000; done
signed "$state/new/allowed_signers" "$state/root_signers" root huanjing-keys
for file in "$state" "$state/new"; do sed -n '1s/^# version //p' "$file/allowed_signers" 2>/dev/null || echo 0; done | sort -cn 2>/dev/null || die 10 "密钥名单倒退了。"
fresh plain/latest "$state/new/latest" 20
serial=$(cat "$state/new/latest"); case $serial in '' | 0* | *[!0-9]* | ?????????*) die 12 "plain/latest 不是期号。" ;; esac
for file in SHA256SUMS SHA256SUMS.sig; do fresh "plain/$serial/$file" "$state/new/$file" 1000000; done
signed "$state/new/SHA256SUMS" "$state/new/allowed_signers" release huanjing-release
object '' 'release\.txt' 64000 || die 10 "清单里没有 release.txt。"
cp "$got" "$state/new/release.txt"; fact() { sed -n "s/^$1 //p" "$state/new/release.txt"; }
# 三、期号不倒退，同一期号只有一种内容；四、没有过期，时钟可信。
standing=$(listed | tail -n 1); standing=${standing%%.*}; standing=${standing:-0}
[ "$(fact serial)" = "$serial" ] || die 10 "release.txt 是第 $(fact serial) 期，不是第 $serial 期。"
[ "$serial" -ge "$standing" ] || die 10 "上游给出第 $serial 期，比现有的第 $standing 期旧。"
[ "$standing" = 0 ] || [ "$serial" -le $((standing + 5000)) ] || die 10 "上游给出第 $serial 期，超前太多。"
[ "$(cat "$state/latest" 2>/dev/null)" != "$serial" ] || cmp -s "$state/SHA256SUMS" "$state/new/SHA256SUMS" || die 10 "上游的第 $serial 期与已经装上的同一期内容不同。"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ); day=$(fact date); later() { [ "$1" != "$2" ] && ! printf '%s\n%s\n' "$1" "$2" | sort -c 2>/dev/null; }
! later "$now" "$(fact valid-until)" || die 11 "这一期的有效期到 $(fact valid-until)，已经过了（本机时钟 $now）。"
! later "${day%T*}" "${now%T*}" || die 11 "这一期的日期 $day 在本机时钟 $now 之后，请校准时钟。"
files=$(fact "area $area" | cut -d' ' -f1) bytes=$(fact "area $area" | cut -d' ' -f2) manifest=$(fact "area $area" | cut -d' ' -f3)
[ "$manifest" ] || die 10 "这一期没有区域 $area。"; current=$(cd "$dir/current" 2>/dev/null && pwd -P) || current=''
# 五、取得字节，核对每个文件；六、切换。
relink() { rm -rf "$stage"; cp -al "$current" "$stage" && rm -f "$stage/host.js" "$stage/mirror.json"; }
build_delta() { # 照 delta.txt 由旧文件拼出新文件；链接着的旧文件从不改写
  work=$state/downloads/work; rm -rf "$work"; mkdir "$work"; path='' at=1
  { relink && tar -xzf "$got" -C "$work" delta.txt literal.bin; } || return 1
  ! grep -qvE "^(huanjing-delta 1|[DN] $name|[CL] [0-9 ]+)\$" "$work/delta.txt" || return 1
  { cat "$work/delta.txt"; echo E; } | while read -r op one two; do
    case $op in
      C) tail -c "+$((one + 1))" "$current/$path" | head -c "$two" >>"$work/file" ;;
      L) tail -c "+$at" "$work/literal.bin" | head -c "$one" >>"$work/file"; at=$((at + one)) ;;
      *) [ -z "$path" ] || { mkdir -p "$stage/$(dirname "$path")" && mv -f "$work/file" "$stage/$path"; } || exit 1
        path=''; case $op in D) rm -f "$stage/$one" ;; N) path=$one; : >"$work/file" ;; esac ;;
    esac
  done
}
build_pack() {
  rm -rf "$stage"; mkdir "$stage" # 先数展开后的字节，再看名字，最后才展开
  [ "$(gzip -dc "$got" | head -c $((bytes + 64000001)) | wc -c)" -le $((bytes + 64000000)) ] || die 10 "数据包展开后超过签名的大小。"
  ! { tar -tvzf "$got" | grep -v '^-'; tar -tzf "$got" | grep -vxE "$name"; } | grep -q . || die 10 "数据包里有不是普通文件的东西，或不安全的文件名。"
  tar -xzf "$got" -C "$stage" || die 13 "展开数据包时出错，可能磁盘满了。"
}
if [ "$current" ] && [ "$standing" = "$serial" ] && whole "$current"; then target=$current way=没有变化
else
  old=$(grep -c '^{"path"' "$current/manifest.json" 2>/dev/null) && grep -q "\"area\": \"$area\"" "$current/mirror.json" 2>/dev/null || old=0
  [ $((files * 2)) -ge "$old" ] || [ "${HUANJING_ALLOW_SHRINK:-}" = 1 ] || die 15 "新的一期只有 $files 个文件，现有 $old 个，少了一半以上；核对无误后设 HUANJING_ALLOW_SHRINK=1。"
  [ "$(df -Pk "$dir" | awk 'NR == 2 { print $4 }')" -gt $((bytes / 1024 + 1024)) ] || die 13 "磁盘空间不够。"
  target=$stage way=增量更新
  if [ "$current" ] && is "$current/manifest.json" "$manifest" && relink && whole "$stage"; then way=内容没有变化，换了期号
  elif ! { [ "$current" ] && object "delta/$area/" "$(basename "$current" | cut -d. -f1)\.tar\.gz" "$bytes" && build_delta && whole "$stage"; }; then
    way=整包更新; object pack/ "$area\.tar\.gz" "$bytes" || die 10 "这一期没有区域 $area 的数据包。"
    build_pack; whole "$stage" || die 10 "取得的文件与签名的清单不符。"
  fi
fi
{ printf 'window.huanjingHost = '; cat "$dir/host.json" 2>/dev/null || echo '{}'; printf ';\nwindow.huanjingRelease = {"area": "%s", "serial": %s, "upstream": "%s", "validUntil": "%s"};\n' "$area" "$serial" "$(fact base-url)" "$(fact valid-until)"; } >"$state/host.js"
printf '{"mirror": 1, "serial": %s, "area": "%s", "release_sha256": "%s", "manifest_sha256": "%s", "valid_until": "%s", "checked_at": "%s"}\n' "$serial" "$area" "$(sha256sum <"$state/new/release.txt" | cut -c1-64)" "$manifest" "$(fact valid-until)" "$now" >"$state/mirror.json"
mv "$state/host.js" "$state/mirror.json" "$target/"
if [ "$target" = "$stage" ]; then
  place=$serial number=0; while [ -e "$dir/snapshots/$place" ]; do number=$((number + 1)); place=$serial.$number; done
  sync; mv "$stage" "$dir/snapshots/$place"; rm -f "$dir/.current"; ln -s "snapshots/$place" "$dir/.current"
  mv -T "$dir/.current" "$dir/current"
fi
cp "$state/new/"* "$state/"; rm -rf "$state/downloads"/* "$stage"; served=$(basename "$(cd "$dir/current" && pwd -P)")
listed | grep -vx "$served" | sort -t. -k1,1nr -k2,2nr | awk -F. -v k="$keep" -v p="$(fact purge-before)" 'NR >= k || $1 < p' |
  while read -r gone; do rm -rf "${dir:?}/snapshots/$gone"; done
echo "第 $serial 期，$way，$files 个文件；$requests 次请求；有效期到 $(fact valid-until)。"
