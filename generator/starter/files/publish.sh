#!/bin/sh
# 把 site/ 发布成一期，传到发布服务器。三种持续集成都用它：sh publish.sh 期号
#
#   BASE_URL       本省网站的网址，以 / 结尾
#   DEPLOY_TO      rsync 的目的地，例如 www@hj.example.gov.cn:/srv/release
#   HUANJING_KEYS  在线密钥，保密；keys/ 已在旁边就不用。做法：
#                  tar -cz keys/online keys/public | base64 | tr -d '\n'
#
# 传上去的 release/ 是各镜像的来源。省站自己也从它同步：在网站服务器上运行
# huanjing mirror，根目录设为 DIR/current，换期时读者看不到半新半旧的网站。
set -eu
if [ -z "$${BASE_URL-}" ] || [ -z "$${DEPLOY_TO-}" ]; then
    echo "没有设置 BASE_URL、DEPLOY_TO，这一次只生成网站，不发布。"
    exit 0
fi
if [ -n "$${HUANJING_KEYS-}" ]; then
    trap 'rm -rf keys' EXIT
    printf '%s' "$$HUANJING_KEYS" | base64 -d | tar -xz
fi
huanjing release site --out release --keys keys --base-url "$$BASE_URL" --serial "$$1"
# 别的文件一经发布就不再改；说哪一期最新的两个最后传。
rsync -a --exclude metadata/timestamp.json --exclude plain/latest release/ "$$DEPLOY_TO/"
rsync -a release/ "$$DEPLOY_TO/"
