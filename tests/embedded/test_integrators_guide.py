"""spike"""
import time, json
import httpx
from services.examples import load_examples
from tests.conftest import ROOT

async def test_spike(embedded, issuer):
    def client(service, role, subject):
        return httpx.AsyncClient(transport=httpx.ASGITransport(embedded.root, raise_app_exceptions=False), base_url=f"http://qapf/{service}",
            headers={"Authorization": f"Bearer {issuer.token(subject, [role])}"}, timeout=60)
    t=time.time()
    cl={n: client(n,"admin","test-admin") for n in ("audit","indicator","feedback","reporting")}
    first=await load_examples(ROOT/"examples", cl, lambda role, subject: client("reporting", role, subject))
    print("LOAD", time.time()-t, first)
    c=await embedded("analyst")
    async def g(p):
        r=await c.get(p); print("==",p,r.status_code, r.headers.get("etag"), r.text[:1800]); return r
    await g("/indicator/v1/indicators/looked_after_rate/series?area=E06000059&comparators=england,dfe_neighbours_2025&from=RY2024")
    await g("/indicator/v1/exceptions?period=2026-10")
    await g(f"/reporting/v1/reports?board=csdg&status=published")
    await g(f"/reporting/v1/reports/{first.id}")
    await g("/indicator/v1/activity?limit=2")
    await g("/reporting/v1/schemas/board-report")
    for s in cl.values(): await s.aclose()
