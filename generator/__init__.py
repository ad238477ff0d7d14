"""Huanjing 环镜: environmental disclosure datasets in, a static site to mirror out."""

__version__ = "0.1.0"
