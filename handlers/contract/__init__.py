"""Contracts (合同): shown, agreed, handed out."""
